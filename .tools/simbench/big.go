//go:build linux

package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Big is what becomes of a sandbox with very many instances.
type Big struct {
	Instances       int     `json:"instances"`
	CreationSeconds float64 `json:"creation_seconds"`
	ResidentMB      float64 `json:"resident_mb"`
	PeakMB          float64 `json:"peak_resident_mb"`
	// Requests compares the latency of requests with that in a small sandbox.
	Requests []Growth `json:"requests"`
}

// Growth is the latency (p50) of a request among few and among many instances.
type Growth struct {
	Request string  `json:"request"`
	FewMS   float64 `json:"few_p50_ms"`
	ManyMS  float64 `json:"many_p50_ms"`
	Ratio   float64 `json:"ratio"`
}

const (
	few           = 100
	atFew, atMany = 0, 1
	// quiet is how many connections ask: few enough that the latency is the
	// request's own, not that of those before it in the queue.
	quiet = 4
)

// question is a request that must not become slower.
type question struct {
	name string
	path func(total int, ids []string) string
}

var questions = []question{
	{"get an instance", func(total int, ids []string) string { return "/gpu-instances/" + ids[total/2] }},
	{"list, first page", func(int, []string) string { return "/gpu-instances" }},
	{"list, middle page", func(total int, _ []string) string { return fmt.Sprintf("/gpu-instances?page=%d", total/15/2+1) }},
	{"list, last page", func(total int, _ []string) string { return fmt.Sprintf("/gpu-instances?page=%d", (total+14)/15) }},
	{"list, ?name=", func(total int, _ []string) string { return fmt.Sprintf("/gpu-instances?name=bench-%07d", total/2) }},
	{"list, ?status=", func(int, []string) string { return "/gpu-instances?status=running" }},
}

// measureBig asks the same of one sandbox with few and another with many instances.
func (b *bench) measureBig(ctx context.Context) (*Big, error) {
	big := &Big{Instances: b.big}
	latency := make([][2]float64, len(questions))
	for size, total := range [2]int{atFew: few, atMany: b.big} {
		b.say("big     %d instances", total)
		if err := b.askAll(ctx, total, func(i int, ms float64) { latency[i][size] = ms }, big); err != nil {
			return nil, err
		}
	}
	for i, q := range questions {
		l := latency[i]
		big.Requests = append(big.Requests, Growth{Request: q.name, FewMS: l[atFew], ManyMS: l[atMany], Ratio: l[atMany] / l[atFew]})
	}
	return big, nil
}

// askAll fills a sandbox and asks each question for a time. It leaves in big what
// the sandbox took; the last one counts.
func (b *bench) askAll(ctx context.Context, total int, note func(question int, ms float64), big *Big) error {
	s, err := b.start(ctx, b.contenders()[1])
	if err != nil {
		return err
	}
	defer s.close()
	began := time.Now()
	own, err := s.fill(ctx, total, b.connections)
	if err != nil {
		return err
	}
	big.CreationSeconds = time.Since(began).Seconds()
	var ids []string
	for _, some := range own {
		ids = append(ids, some...)
	}
	for i, q := range questions {
		ms, err := s.ask(ctx, s.get(q.path(total, ids)), b.duration/2)
		if err != nil {
			return err
		}
		note(i, ms)
	}
	big.ResidentMB, big.PeakMB, err = memory(s.pid())
	return err
}

// ask sends a request again and again and returns the latency (p50). It asks for
// so long, and a few times however long that takes.
func (s *server) ask(ctx context.Context, r request, duration time.Duration) (ms float64, err error) {
	const atLeast = 5
	took := make([][]time.Duration, quiet)
	began := time.Now()
	err = s.eachConnection(ctx, quiet, func(i int, c *connection) error {
		for len(took[i]) < atLeast || time.Since(began) < duration {
			sent := time.Now()
			if _, err := c.do(r); err != nil {
				return err
			}
			took[i] = append(took[i], time.Since(sent))
		}
		return nil
	}).err()
	return milliseconds(quantile(slices.Concat(took...), 0.5)), err
}
