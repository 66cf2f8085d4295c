package pictor

import (
	"context"
	"time"
)

// Clock tells the time and waits. A test hands in one that does not wait.
type Clock interface {
	Now() time.Time
	// Sleep waits for d, or until the context ends, whose error it then returns.
	Sleep(ctx context.Context, d time.Duration) error
}

// wallClock is the machine's own clock.
type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

func (wallClock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// WallClock is the machine's own clock, for callers that wait by it too.
func WallClock() Clock { return wallClock{} }
