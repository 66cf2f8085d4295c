package store_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// process is one run of a simulator with a data file.
func process(t *testing.T, file string, run func(s *store.Sandbox)) {
	t.Helper()
	all, err := store.Open(store.Config{File: file})
	if err != nil {
		t.Fatal(err)
	}
	sandbox := all.First()
	if sandbox == nil {
		if sandbox, _, err = all.Create(store.Settings{Clock: "frozen"}, "the-first-key"); err != nil {
			t.Fatal(err)
		}
	}
	run(sandbox)
	if err := all.Close(); err != nil {
		t.Fatal(err)
	}
}

func add(t *testing.T, s *store.Sandbox, plan fault.Plan) {
	t.Helper()
	if err := s.UpdateFaults(func(f *fault.Set) error {
		_, err := f.Add(plan)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func hit(t *testing.T, s *store.Sandbox, r fault.Request) string {
	t.Helper()
	visit := s.Arrive()
	hit, err := visit.Hit(r)
	if err != nil {
		t.Fatal(err)
	}
	if hit == nil {
		return ""
	}
	return hit.ID
}

func TestFaultsSurviveARestart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sim.db")
	read := fault.Request{Operation: "getAccount"}
	labelled := fault.Request{Operation: "createInstance", Name: "x--sim-unavailable"}
	process(t, file, func(s *store.Sandbox) {
		add(t, s, fault.Plan{Name: "mine", Operation: "getAccount", From: 2, Times: 2, Effect: fault.Status{Code: 503}})
		add(t, s, fault.Plan{Operation: "getInvoice", Effect: fault.Reset{}})
		hit(t, s, read)
		if got := hit(t, s, read); got != "flt_1" {
			t.Errorf("hit by %q", got)
		}
		if got := hit(t, s, labelled); got != "--sim-unavailable" {
			t.Errorf("hit by %q", got)
		}
	})
	process(t, file, func(s *store.Sandbox) {
		list := s.Faults.List()
		if len(list) != 2 || list[0].Name != "mine" || list[0].Seen != 2 || list[0].Fired != 1 || *list[0].Remaining != 1 {
			t.Fatalf("read back they are %+v", list)
		}
		if got := hit(t, s, labelled); got != "" {
			t.Errorf("the label hits again: %q", got)
		}
		for _, want := range []string{"flt_1", ""} {
			if got := hit(t, s, read); got != want {
				t.Errorf("hit by %q, want %q", got, want)
			}
		}
		if err := s.UpdateFaults(func(f *fault.Set) error { _, err := f.Remove("flt_1"); return err }); err != nil {
			t.Fatal(err)
		}
	})
	process(t, file, func(s *store.Sandbox) {
		if list := s.Faults.List(); len(list) != 1 || list[0].ID != "flt_2" {
			t.Errorf("after a removal they are %+v", list)
		}
		add(t, s, fault.Plan{Effect: fault.Reset{}})
		if list := s.Faults.List(); list[1].ID != "flt_3" {
			t.Errorf("an id is given out again: %+v", list)
		}
		fork, _, err := s.Fork("fork", "")
		if err != nil || len(fork.Faults.List()) != 2 {
			t.Errorf("a fork has %+v (%v)", fork.Faults.List(), err)
		}
		if err := s.Reset(); err != nil || !s.Faults.Empty() {
			t.Errorf("a reset leaves %+v (%v)", s.Faults.List(), err)
		}
	})
	process(t, file, func(s *store.Sandbox) {
		if list := s.Faults.List(); len(list) != 0 {
			t.Errorf("after a reset they are %+v", list)
		}
	})
}

// A hit that found nothing to strike is left for another request, also after a restart.
func TestAHitThatMissedIsStillToCome(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sim.db")
	read := fault.Request{Operation: "getAccount"}
	process(t, file, func(s *store.Sandbox) {
		add(t, s, fault.Plan{Operation: "getAccount", Effect: fault.Status{Code: 503}})
		visit := s.Arrive()
		hit, err := visit.Hit(read)
		must(t, err)
		must(t, visit.Missed(hit))
	})
	process(t, file, func(s *store.Sandbox) {
		if r := s.Faults.List()[0]; r.Fired != 0 || r.Seen != 1 {
			t.Errorf("after the restart it has hit %d of %d requests", r.Fired, r.Seen)
		}
		if hit(t, s, read) == "" {
			t.Error("it hits nothing any more")
		}
	})
}

func TestAFaultThatCannotBeAddedChangesNothing(t *testing.T) {
	t.Parallel()
	process(t, filepath.Join(t.TempDir(), "sim.db"), func(s *store.Sandbox) {
		err := s.UpdateFaults(func(f *fault.Set) error { _, err := f.Add(fault.Plan{}); return err })
		if !errors.As(err, new(*engine.Error)) || !s.Faults.Empty() {
			t.Errorf("%v", err)
		}
	})
}

// The world of before is kept only as long, and as far back, as a stale read
// wants it, and never what a reset has put away.
func TestViewPast(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"", "sim.db"} {
		if file != "" {
			file = filepath.Join(t.TempDir(), file)
		}
		process(t, file, func(s *store.Sandbox) {
			deposit := func() {
				if err := s.Update(func(w *engine.World) error { w.Deposit(engine.Credit, "more"); return nil }); err != nil {
					t.Fatal(err)
				}
			}
			balance := func(behind int) (b engine.Credits) {
				s.ViewPast(behind, func(w *engine.World) { b = w.Balance() / engine.Credit })
				return b
			}
			if deposit(); balance(1) != 1 {
				t.Errorf("without stale reads it was %d before", balance(1))
			}
			add(t, s, fault.Plan{Operation: "getAccount", Effect: fault.Stale{Behind: 2}})
			for range 3 {
				deposit()
			}
			for behind, want := range []engine.Credits{4, 3, 2, 2} {
				if got := balance(behind); got != want {
					t.Errorf("%d changes ago it was %d, want %d", behind, got, want)
				}
			}
			if err := s.Update(func(*engine.World) error { return errors.New("no") }); err == nil || balance(1) != 3 {
				t.Errorf("a change that was refused counts: %d", balance(1))
			}
			must(t, s.UpdateFaults(func(f *fault.Set) error { f.Clear(); return nil }))
			add(t, s, fault.Plan{Operation: "getAccount", Effect: fault.Stale{Behind: 2}})
			if balance(1) != 4 {
				t.Errorf("what was before the stale reads began is seen: %d", balance(1))
			}
			if err := s.Reset(); err != nil || balance(2) != 0 {
				t.Errorf("after a reset it was %d (%v)", balance(2), err)
			}
		})
	}
}
