//go:build linux

package main

import (
	"context"
	"fmt"
	"sync"
)

// connections are goroutines with a connection each.
type connections struct {
	group  sync.WaitGroup
	once   sync.Once
	first  error
	failed chan struct{} // closed when the first of them fails
}

// err waits for all of them and returns what went wrong first.
func (c *connections) err() error {
	c.group.Wait()
	return c.first
}

// eachConnection lets n connections do something at the same time.
func (s *server) eachConnection(ctx context.Context, n int, do func(i int, c *connection) error) *connections {
	all := &connections{failed: make(chan struct{})}
	for i := range n {
		all.group.Go(func() {
			c, err := dial(ctx, s.addr)
			if err == nil {
				err = do(i, c)
				c.close()
			}
			if err != nil {
				all.once.Do(func() {
					all.first = fmt.Errorf("%s: %w", s.name, err)
					close(all.failed)
				})
			}
		})
	}
	return all
}
