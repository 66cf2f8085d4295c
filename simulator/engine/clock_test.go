package engine_test

import (
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

func clock(c engine.Clock) func(*engine.Config) {
	return func(cfg *engine.Config) { cfg.Clock = c }
}

func TestClockModes(t *testing.T) {
	t.Parallel()
	wall := time.Date(2030, time.May, 1, 0, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		clock  engine.Clock
		passed time.Duration
		want   time.Time
	}{
		"real":                {engine.Clock{Rate: 1, Origin: wall, Wall: wall}, time.Minute, wall.Add(time.Minute)},
		"fast":                {engine.Clock{Rate: 60, Origin: wall, Wall: wall}, time.Minute, wall.Add(time.Hour)},
		"frozen":              {engine.Clock{Origin: epoch, Wall: wall}, time.Hour, epoch},
		"wall goes back":      {engine.Clock{Rate: 1, Origin: wall, Wall: wall}, -time.Hour, wall},
		"to the end of time":  {engine.Clock{Rate: 1_000_000, Origin: wall, Wall: wall}, 3 * time.Hour, engine.Latest},
		"not far beyond it":   {engine.Clock{Rate: 1_000_000, Origin: wall, Wall: wall}, 2 * time.Hour, engine.Latest},
		"just before the end": {engine.Clock{Rate: 1_000_000, Origin: wall, Wall: wall}, time.Hour, wall.Add(time.Hour * 1_000_000)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := tc.clock.At(wall.Add(tc.passed))
			if !got.Equal(tc.want) || got.Location() != time.UTC {
				t.Errorf("%s later it shows %s, want %s", tc.passed, got, tc.want)
			}
		})
	}
}

func TestTimeNeverGoesBackAndHasAnEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rent("x", autoRenew)
	w.pass(time.Hour)
	w.pass(-time.Hour)
	if got := w.Now(); !got.Equal(epoch.Add(time.Hour)) {
		t.Errorf("after an hour forth and one back it is %s", got)
	}
	for range 3 {
		w.pass(1<<63 - 1)
	}
	if !w.Now().Equal(engine.Latest) {
		t.Errorf("after nine hundred years it is %s, want %s", w.Now(), engine.Latest)
	}
}

func TestARunningClockRunsOnAfterAnAdvance(t *testing.T) {
	t.Parallel()
	w := newWorld(t, clock(engine.Clock{Rate: 2, Origin: epoch, Wall: epoch}))
	w.Advance(time.Hour, epoch.Add(time.Minute))
	got := w.Settle(epoch.Add(3 * time.Minute))
	if want := epoch.Add(time.Hour + 6*time.Minute); !got.Equal(want) {
		t.Errorf("it is %s, want %s", got, want)
	}
}

// Each thing happens at its own time, however far the clock jumps.
func TestAJumpHappensInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.rent("a", func(r *engine.RentRequest) { r.RentalHours = 30 })
	b := w.rent("b")
	next, ok := w.NextEvent()
	if !ok || !next.Equal(epoch.Add(timings.Pending)) {
		t.Errorf("next is %s (%v), want the end of pending", next, ok)
	}
	w.pass(40 * 24 * time.Hour)
	w.is(a.ID, engine.StatusTerminated)
	w.is(b.ID, engine.StatusTerminated)
	ledger := w.Ledger()
	for i, e := range ledger[1:] {
		if e.At.Before(ledger[i].At) {
			t.Fatalf("entry %d of %s comes after one of %s", e.Number, e.At, ledger[i].At)
		}
	}
	if days := len(ledger) - 3; days != 80 {
		t.Errorf("%d storage charges in 40 days of two instances, want 80", days)
	}
}

func TestPollClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t, clock(engine.Clock{Polls: 2, Origin: epoch, Wall: epoch}))
	inst := w.rent("x")
	other := w.rent("y")
	for _, want := range []engine.Status{
		engine.StatusPending, engine.StatusPending, engine.StatusProvisioning, engine.StatusProvisioning, engine.StatusRunning, engine.StatusRunning,
	} {
		w.is(inst.ID, want)
		w.Observed(epoch, inst.ID)
	}
	if want := epoch.Add(boot); !w.Now().Equal(want) {
		t.Errorf("it is %s, want %s: the clock goes with the machine", w.Now(), want)
	}
	w.is(other.ID, engine.StatusRunning) // its time has come as well

	for range 10 {
		w.Observed(epoch, inst.ID, other.ID, "ins_nobody")
	}
	if want := epoch.Add(boot); !w.Now().Equal(want) {
		t.Errorf("reads of machines at rest moved the clock to %s", w.Now())
	}
}

func TestReadsMoveNoOtherClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inst := w.rent("x")
	for range 10 {
		w.Observed(epoch, inst.ID)
	}
	w.is(inst.ID, engine.StatusPending)
}

func TestKnockingMovesOnlyAClockThatIsPolled(t *testing.T) {
	t.Parallel()
	for _, polls := range []int{0, 1, 3} {
		w := newWorld(t, clock(engine.Clock{Polls: polls, Origin: epoch, Wall: epoch}))
		inst := w.running("x")
		if err := w.DelaySSH(inst.ID, time.Minute); err != nil {
			t.Fatal(err)
		}
		from := w.Now()
		for knock := 1; knock <= 4; knock++ {
			moved := w.Knocked(epoch, inst.ID)
			if want := knock == polls; moved != want {
				t.Errorf("with %d polls knock %d moves the clock: %t", polls, knock, moved)
			}
			if passed := w.Now().Sub(from) == time.Minute; passed != (polls > 0 && knock >= polls) {
				t.Errorf("with %d polls, after knock %d it is %s later", polls, knock, w.Now().Sub(from))
			}
		}
		if w.Knocked(epoch, "ins_nobody") {
			t.Error("a machine that is not there moves the clock")
		}
	}
}
