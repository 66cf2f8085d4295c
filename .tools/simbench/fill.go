//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// fill creates n instances over several connections and waits until they run.
// The result has the ids by connection.
func (s *server) fill(ctx context.Context, n, connections int) ([][]string, error) {
	const patience = 10 * time.Minute
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	own := make([][]string, connections)
	var begun atomic.Int64
	err := s.eachConnection(ctx, connections, func(i int, c *connection) error {
		for begun.Add(1) <= int64(n) {
			r, err := s.createInstance(true)
			if err != nil {
				return err
			}
			answer, err := c.do(r)
			if err != nil {
				return err
			}
			id, err := idOf(answer)
			if err != nil {
				return err
			}
			own[i] = append(own[i], id)
		}
		if len(own[i]) == 0 {
			return nil
		}
		return s.awaitRunning(ctx, c, own[i][len(own[i])-1])
	}).err()
	if err != nil {
		return nil, fmt.Errorf("create %d instances: %w", n, err)
	}
	return own, nil
}

// awaitRunning waits until an instance runs, and with it all that were created
// before.
func (s *server) awaitRunning(ctx context.Context, c *connection, id string) error {
	const glance = 20 * time.Millisecond
	for {
		answer, err := c.do(s.getInstance(id))
		if err != nil {
			return err
		}
		if bytes.Contains(answer, []byte(`"status":"running"`)) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("instance %s does not run: %s", id, answer)
		case <-time.After(glance):
		}
	}
}
