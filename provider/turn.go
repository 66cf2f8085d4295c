package provider

import (
	"context"
	"fmt"
)

// turn is a lock that is held while the service is asked: whoever waits for it
// waits no longer than their own context lasts.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

// take waits for the turn; what is being asked meanwhile is for the error.
func (t turn) take(ctx context.Context, what string) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("nothing was done: the wait for another resource, which read %s, was broken off: %w", what, ctx.Err())
	}
}

// insist waits for the turn however long it takes, for what must be written down.
func (t turn) insist() { t <- struct{}{} }

// leave gives the turn back.
func (t turn) leave() { <-t }
