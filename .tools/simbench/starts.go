//go:build linux

package main

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"time"
)

// Starts is how long it takes from the start of the process until the first
// answer to a request with an API key.
type Starts struct {
	Server   string    `json:"server"`
	MedianMS float64   `json:"median_ms"`
	EachMS   []float64 `json:"each_ms"`
}

// measureStarts starts the simulator in its default configuration, and with a
// new data file, several times each.
func (b *bench) measureStarts(ctx context.Context) ([]Starts, error) {
	names := []string{inMemory}
	if b.durable {
		names = append(names, onDisk)
	}
	var all []Starts
	for _, name := range names {
		b.say("start   %d times  %s", b.starts, name)
		s := Starts{Server: name}
		for range b.starts {
			took, err := b.timeStart(ctx, name)
			if err != nil {
				return nil, err
			}
			s.EachMS = append(s.EachMS, milliseconds(took))
		}
		s.MedianMS = median(s.EachMS)
		all = append(all, s)
	}
	return all, nil
}

// timeStart starts the simulator at a free port and sends a request until it is
// answered.
func (b *bench) timeStart(ctx context.Context, name string) (time.Duration, error) {
	const key, patience, glance = "simbench-key", 30 * time.Second, 100 * time.Microsecond
	addr, err := freeAddress()
	if err != nil {
		return 0, err
	}
	began := time.Now()
	s, err := b.launch(name, b.sim, func(folder string) []string {
		args := []string{"serve", "--addr", addr, "--api-key", key}
		if name == onDisk {
			args = append(args, "--data", filepath.Join(folder, "pictor.db"))
		}
		return args
	})
	if err != nil {
		return 0, err
	}
	defer s.close()
	s.addr, s.base, s.apiKey = addr, "/api", key
	for time.Since(began) < patience && ctx.Err() == nil {
		if c, err := dial(ctx, addr); err == nil {
			_, err := c.do(s.get("/account"))
			took := time.Since(began)
			c.close()
			return took, err
		}
		select {
		case <-s.ended:
			return 0, fmt.Errorf("start %s: it ended at once and said: %s", name, s.said)
		case <-time.After(glance):
		}
	}
	return 0, fmt.Errorf("start %s: no answer after %s", name, time.Since(began))
}

// freeAddress is one that nobody listens at, a moment ago.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}
