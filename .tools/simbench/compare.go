//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
)

// Result is how one server stood one load: the medians of its rounds.
type Result struct {
	Load   string `json:"load"`
	Server string `json:"server"`
	Sample
	// OfBareEcho and OfMemory are requests per second relative to the bare echo
	// handler and to the simulator in memory; 0 where that makes no sense.
	OfBareEcho float64 `json:"of_bare_echo,omitempty"`
	OfMemory   float64 `json:"of_memory,omitempty"`
	// ByCPU is what OfBareEcho would be if only processor time counted, the
	// client's included. It hardly suffers from other processes.
	ByCPU  float64  `json:"by_cpu,omitempty"`
	Rounds []Sample `json:"rounds"`
}

// perConnection is how many instances there are for each connection before a
// load begins. The mixed load needs so many to find some that are not in
// transition.
const perConnection = 64

// compare lets the servers take turns under a load.
func (b *bench) compare(ctx context.Context, l load) ([]Result, error) {
	contenders := b.contenders()
	standing := make([]*ready, len(contenders))
	defer func() {
		for _, r := range standing {
			if r != nil {
				_ = r.server.close() // on errors only: what is measured is closed below
			}
		}
	}()
	samples := make([][]Sample, len(contenders))
	for round := range b.rounds {
		for i, c := range contenders {
			b.say("%-6s  round %d of %d  %s", l.name, round+1, b.rounds, c.name)
			if standing[i] == nil {
				var err error
				if standing[i], err = b.prepare(ctx, c); err != nil {
					return nil, err
				}
			}
			sample, err := standing[i].drive(ctx, l, b)
			if err != nil {
				return nil, err
			}
			samples[i] = append(samples[i], sample)
			if l.changes || round == b.rounds-1 {
				err := standing[i].server.close()
				standing[i] = nil
				if err != nil {
					return nil, err
				}
			}
		}
	}
	return results(l, contenders, samples)
}

// ready is a server with instances that run.
type ready struct {
	server *server
	own    [][]string // the instances by connection
}

func (b *bench) prepare(ctx context.Context, c contender) (*ready, error) {
	s, err := b.start(ctx, c)
	if err != nil {
		return nil, err
	}
	own, err := s.fill(ctx, perConnection*b.connections, b.connections)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return &ready{s, own}, nil
}

func (r *ready) drive(ctx context.Context, l load, b *bench) (Sample, error) {
	senders := make([]sender, b.connections)
	for i := range senders {
		senders[i] = l.sender(r.server, r.own[i], i)
	}
	return r.server.drive(ctx, senders, b.warmup, b.duration)
}

func results(l load, contenders []contender, samples [][]Sample) ([]Result, error) {
	all := make([]Result, len(contenders))
	for i, c := range contenders {
		all[i] = Result{Load: l.name, Server: c.name, Sample: medians(samples[i]), Rounds: samples[i]}
		if c.name != bareEcho {
			all[i].OfBareEcho = ratio(samples[i], samples[0])
			all[i].ByCPU = (all[0].CPUPer1000 + all[0].ClientCPUPer1000) / (all[i].CPUPer1000 + all[i].ClientCPUPer1000)
		}
		if c.name == onDisk {
			all[i].OfMemory = ratio(samples[i], samples[1])
		}
		// A baseline with shorter answers would be no baseline.
		if theirs := all[0].BytesPerAnswer / all[i].BytesPerAnswer; theirs < 0.85 || theirs > 1.15 {
			return nil, fmt.Errorf("the answers of %s have %.0f bytes and those of %s %.0f: bring instance.go in line with the contract",
				bareEcho, all[0].BytesPerAnswer, c.name, all[i].BytesPerAnswer)
		}
	}
	return all, nil
}

// ratio is the median of the rounds' ratios in requests per second.
func ratio(of, to []Sample) float64 {
	ratios := make([]float64, len(of))
	for i := range of {
		ratios[i] = of[i].RequestsPerSecond / to[i].RequestsPerSecond
	}
	return median(ratios)
}

func medians(rounds []Sample) Sample {
	of := func(value func(Sample) float64) float64 {
		values := make([]float64, len(rounds))
		for i, r := range rounds {
			values[i] = value(r)
		}
		return median(values)
	}
	return Sample{
		RequestsPerSecond: of(func(s Sample) float64 { return s.RequestsPerSecond }),
		P50MS:             of(func(s Sample) float64 { return s.P50MS }),
		P99MS:             of(func(s Sample) float64 { return s.P99MS }),
		CPUPer1000:        of(func(s Sample) float64 { return s.CPUPer1000 }),
		ClientCPUPer1000:  of(func(s Sample) float64 { return s.ClientCPUPer1000 }),
		ResidentMB:        of(func(s Sample) float64 { return s.ResidentMB }),
		PeakMB:            of(func(s Sample) float64 { return s.PeakMB }),
		OthersPercent:     of(func(s Sample) float64 { return s.OthersPercent }),
		BytesPerAnswer:    of(func(s Sample) float64 { return s.BytesPerAnswer }),
	}
}
