package simtest

import (
	"context"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// Now is the simulator's time.
func (s *Sim) Now() (now time.Time) {
	s.sandbox.View(func(w *engine.World) { now = w.Now() })
	return now
}

// Advance moves the clock forward; what becomes due has happened when it returns.
func (s *Sim) Advance(d time.Duration) {
	s.t.Helper()
	s.moved(s.sandbox.Advance(context.Background(), d))
}

// AdvanceTo moves the clock forward to a moment. One that has passed changes
// nothing.
func (s *Sim) AdvanceTo(t time.Time) {
	s.t.Helper()
	s.moved(s.sandbox.AdvanceTo(context.Background(), t))
}

// RunUntil lets one event after another happen, for at most a year, until a
// machine has a status, and returns it as it is then. The machine is named by its
// id or its name. The test fails when there is none, or when it does not come to
// that status.
func (s *Sim) RunUntil(instance string, status engine.Status) engine.Instance {
	s.t.Helper()
	found, err := control.RunUntil(context.Background(), s.sandbox, instance, status, control.DefaultWithin)
	s.moved(err)
	return found
}

// moved ends the test when the clock could not be moved.
func (s *Sim) moved(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("the simulator's clock: %v", err)
	}
}
