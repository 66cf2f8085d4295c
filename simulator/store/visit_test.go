package store_test

import (
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/journal"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// Of a request that lasts longer than the world it came to, nothing reaches the
// next one.
func TestAVisitReachesNoOtherWorld(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{"in memory": "", "with a data file": newFile(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sandbox, _ := create(t, open(t, store.Config{File: file}), settings(func(s *store.Settings) { s.Clock = "poll" }))
			must(t, sandbox.Update(rent("machine")))
			add(t, sandbox, fault.Plan{Effect: fault.Status{Code: 503}})
			snapshot := sandbox.Snapshot()
			for how, replace := range map[string]func() error{
				"reset":    sandbox.Reset,
				"restored": func() error { return sandbox.Restore(snapshot) },
			} {
				before := sandbox.Arrive()
				must(t, replace())
				if err := before.Update(rent("another")); !isCode(err, engine.CodeWrongState) {
					t.Errorf("%s: a change of before is answered %v", how, err)
				}
				now := sandbox.Arrive()
				must(t, now.Update(rent("mine")))
				add(t, sandbox, fault.Plan{Effect: fault.Status{Code: 503}})
				var ids []string
				sandbox.View(func(w *engine.World) { ids = instanceIDs(w) })
				if must(t, before.Observed(ids...)); !sandbox.Arrive().Arrived.Equal(now.Arrived) {
					t.Errorf("%s: the clock moves from %s to %s when a request of before looks", how, now.Arrived, sandbox.Arrive().Arrived)
				}
				read := fault.Request{Operation: "getAccount"}
				if hit, err := before.Hit(read); hit != nil || err != nil {
					t.Errorf("%s: a request of before is hit by %v (%v)", how, hit, err)
				}
				hit, err := now.Hit(read)
				if hit == nil || err != nil {
					t.Fatalf("%s: a request of now is hit by %v (%v)", how, hit, err)
				}
				if must(t, before.Missed(hit)); sandbox.Faults.List()[0].Fired != 1 {
					t.Errorf("%s: what a request of before missed is counted: %+v", how, sandbox.Faults.List())
				}
			}
		})
	}
}

// The journal that a reset has emptied stays so; a restore does not empty it.
func TestTheJournalTakesNoRequestOfBeforeAReset(t *testing.T) {
	t.Parallel()
	sandbox, _ := create(t, open(t, store.Config{}), settings(func(*store.Settings) {}))
	entries := func() int { return len(sandbox.Journal.Entries(func(*journal.Entry) bool { return true })) }
	before := sandbox.Arrive()
	must(t, sandbox.Restore(sandbox.Snapshot()))
	if before.Enter(&journal.Entry{}, "key"); entries() != 1 {
		t.Errorf("after a restore there are %d entries, want the one of a request from before", entries())
	}
	must(t, sandbox.Reset())
	if before.Enter(&journal.Entry{}, "key"); entries() != 0 {
		t.Errorf("after a reset there are %d entries", entries())
	}
	now := sandbox.Arrive()
	if now.Enter(&journal.Entry{}, "key"); entries() != 1 {
		t.Errorf("then there are %d entries, want one", entries())
	}
}
