package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// now is the time of a sandbox.
func now(s *store.Sandbox) (t time.Time) {
	s.View(func(w *engine.World) { t = w.Now() })
	return t
}

// Machines that are rented at one moment go the same way at the same moments: each
// of them is one event.
func TestRunUntilStopsAtTheMomentItIsMet(t *testing.T) {
	t.Parallel()
	s := open(t, store.Config{})
	sandbox, _ := create(t, s, settings())
	for _, name := range []string{"a", "b", "c"} {
		must(t, sandbox.Update(rent(name)))
	}
	for _, want := range []struct {
		status engine.Status
		after  time.Duration
	}{
		{engine.StatusProvisioning, 500 * time.Millisecond},
		{engine.StatusRunning, 3500 * time.Millisecond},
		{engine.StatusTerminated, time.Hour + 3500*time.Millisecond},
	} {
		met, err := sandbox.RunUntil(t.Context(), engine.Latest, func(w *engine.World) bool {
			return w.Instances(func(*engine.Instance) bool { return true })[2].Status == want.status
		})
		must(t, err)
		if after := now(sandbox).Sub(engine.Epoch); !met || after != want.after {
			t.Errorf("the last one is %s: %t, after %s, want %s", want.status, met, after, want.after)
		}
	}
}

func TestAdvancesAtTheSameTimeAddUp(t *testing.T) {
	t.Parallel()
	const many = 16
	s := open(t, store.Config{File: newFile(t)})
	sandbox, _ := create(t, s, settings())
	var all sync.WaitGroup
	for range many {
		all.Go(func() {
			if err := sandbox.Advance(t.Context(), time.Hour); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if after := now(sandbox).Sub(engine.Epoch); after != many*time.Hour {
		t.Errorf("%d advances by an hour have led %s on", many, after)
	}
}

// between is a context that is asked between two pieces of an advance.
type between struct {
	context.Context
	asked func() error
}

func (b between) Err() error { return b.asked() }

func TestALongAdvanceGoesInPieces(t *testing.T) {
	t.Parallel()
	const machines, year = 100, 8760 * time.Hour
	for name, end := range map[string]struct {
		between func(s *store.Sandbox) error
		fails   func(err error) bool
		earlier bool // than the first renewal
	}{
		"given up": {
			func(*store.Sandbox) error { return context.Canceled },
			func(err error) bool { return err != nil }, false,
		},
		"of a world that is no more": {
			(*store.Sandbox).Reset,
			func(err error) bool { return isCode(err, engine.CodeWrongState) }, true,
		},
	} {
		for way, move := range map[string]func(s *store.Sandbox, ctx context.Context) error{
			"advance": func(s *store.Sandbox, ctx context.Context) error { return s.Advance(ctx, year) },
			"run until": func(s *store.Sandbox, ctx context.Context) error {
				_, err := s.RunUntil(ctx, engine.Epoch.Add(year), func(*engine.World) bool { return false })
				return err
			},
		} {
			t.Run(name+"/"+way, func(t *testing.T) {
				t.Parallel()
				s := open(t, store.Config{})
				sandbox, _ := create(t, s, settings(func(s *store.Settings) { s.Market.Hosts, s.Credits = machines, 1<<60 }))
				for n := range machines {
					must(t, sandbox.Update(rent(fmt.Sprint("machine-", n), func(r *engine.RentRequest) { r.AutoRenew = true })))
				}
				pieces := 0
				err := move(sandbox, between{t.Context(), func() error {
					if pieces++; way == "run until" && pieces == 1 {
						return nil // it asks before the first piece, too
					}
					return end.between(sandbox)
				}})
				if !end.fails(err) {
					t.Errorf("it ends with %v", err)
				}
				if after := now(sandbox).Sub(engine.Epoch); after > year/4 || end.earlier != (after == 0) {
					t.Errorf("the clock has moved by %s", after)
				}
			})
		}
	}
}

// A snapshot is taken up at the time that it shows, however old it is.
func TestASnapshotGoesOnWhereItEnded(t *testing.T) {
	t.Parallel()
	wall := newWallClock()
	s := open(t, store.Config{Wall: wall.now})
	sandbox, _ := create(t, s, settings(clock("x3600")))
	must(t, sandbox.Update(rent("machine")))
	wall.pass(time.Second)
	snapshot, then := sandbox.Snapshot(), now(sandbox)
	wall.pass(time.Hour)
	must(t, sandbox.Restore(snapshot))
	fresh, _, err := s.Restore(snapshot, "", "")
	must(t, err)
	for _, restored := range []*store.Sandbox{sandbox, fresh} {
		if got := now(restored); !got.Equal(then) {
			t.Errorf("%s shows %s, and the snapshot %s", restored.ID(), got, then)
		}
	}
	wall.pass(time.Second)
	if got := now(fresh).Sub(then); got != time.Hour {
		t.Errorf("in a second its clock runs on by %s", got)
	}
}
