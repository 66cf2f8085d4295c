//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync/atomic"
	"time"
)

// Sample is what one server did in one round.
type Sample struct {
	RequestsPerSecond float64 `json:"requests_per_second"`
	P50MS             float64 `json:"p50_ms"`
	P99MS             float64 `json:"p99_ms"`
	CPUPer1000        float64 `json:"cpu_seconds_per_1000_requests"`
	ResidentMB        float64 `json:"resident_mb"`
	PeakMB            float64 `json:"peak_resident_mb"`
	BytesPerAnswer    float64 `json:"bytes_per_answer"`
	// ClientCPUPer1000 is what the client itself took of the same processors.
	ClientCPUPer1000 float64 `json:"client_cpu_seconds_per_1000_requests"`
	// OthersPercent is how much of the processors' time went to whoever had
	// nothing to do with it; much of it makes the sample worthless.
	OthersPercent float64 `json:"others_percent"`
}

// drive puts a server under load, a sender a connection, and measures it from
// the end of the warm-up on. The first unexpected answer ends it.
func (s *server) drive(ctx context.Context, senders []sender, warmup, duration time.Duration) (Sample, error) {
	const patience = 30 * time.Second // with the last answers
	ctx, cancel := context.WithTimeout(ctx, warmup+duration+patience)
	defer cancel()
	var begin, end atomic.Int64 // of what counts, since started; 0 while it is to come
	started := time.Now()
	passed := func() int64 { return int64(time.Since(started)) }
	over := func() bool { return end.Load() != 0 }

	took := make([][]time.Duration, len(senders))
	received := make([]int, len(senders))
	running := s.eachConnection(ctx, len(senders), func(i int, c *connection) error {
		for !over() {
			sent := passed()
			r, then, err := senders[i](time.Now())
			if err != nil {
				return err
			}
			answer, err := c.do(r)
			if err != nil {
				return err
			}
			now := passed()
			if b := begin.Load(); b != 0 && now >= b && !over() {
				took[i] = append(took[i], time.Duration(now-sent))
				received[i] += len(answer)
			}
			if then != nil {
				if err := then(answer); err != nil {
					return err
				}
			}
		}
		return nil
	})
	failed := sleep(ctx, warmup, running.failed)
	before, err := s.cpuTimes()
	begin.Store(passed())
	failed = failed || sleep(ctx, duration, running.failed)
	after, err2 := s.cpuTimes()
	end.Store(passed())
	if err := errors.Join(running.err(), ctx.Err(), err, err2); err != nil || failed {
		return Sample{}, err
	}
	measured := time.Duration(end.Load() - begin.Load())
	sample, err := summary(took, received, measured)
	if err != nil {
		return Sample{}, fmt.Errorf("%s: %w", s.name, err)
	}
	thousands := sample.RequestsPerSecond * measured.Seconds() / 1000
	sample.CPUPer1000 = (after.server - before.server).Seconds() / thousands
	sample.ClientCPUPer1000 = (after.client - before.client).Seconds() / thousands
	sample.OthersPercent = 100 * max(after.others()-before.others(), 0).Seconds() / (measured.Seconds() * float64(runtime.NumCPU()))
	sample.ResidentMB, sample.PeakMB, err = memory(s.pid())
	return sample, err
}

// summary is what the connections noted of a measured time.
func summary(took [][]time.Duration, received []int, measured time.Duration) (Sample, error) {
	all := slices.Concat(took...)
	if len(all) == 0 {
		return Sample{}, fmt.Errorf("no answer in %s", measured)
	}
	bytes := 0
	for _, n := range received {
		bytes += n
	}
	n := float64(len(all))
	return Sample{
		RequestsPerSecond: n / measured.Seconds(),
		P50MS:             milliseconds(quantile(all, 0.5)),
		P99MS:             milliseconds(quantile(all, 0.99)),
		BytesPerAnswer:    float64(bytes) / n,
	}, nil
}

type cpuTimes struct{ server, client, machine time.Duration }

func (t cpuTimes) others() time.Duration { return t.machine - t.server - t.client }

func (s *server) cpuTimes() (t cpuTimes, err error) {
	if t.server, err = cpuTime(s.pid()); err != nil {
		return t, err
	}
	if t.client, err = cpuTime(os.Getpid()); err != nil {
		return t, err
	}
	t.machine, err = machineTime()
	return t, err
}

// sleep waits; it is true when something ended it early.
func sleep(ctx context.Context, d time.Duration, early <-chan struct{}) bool {
	select {
	case <-time.After(d):
		return false
	case <-early:
	case <-ctx.Done():
	}
	return true
}
