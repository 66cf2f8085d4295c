package fault_test

import (
	"encoding/json"
	"sync"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

func TestCounts(t *testing.T) {
	t.Parallel()
	var set fault.Set
	planned, err := set.Add(fault.Plan{Operation: "getAccount", From: 2, Times: 2, Effect: fault.Reset{}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := set.Add(fault.Plan{Operation: "getInvoice", Times: -1, Effect: fault.Reset{}}); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		set.Hit(fault.Request{Operation: "getAccount"})
	}
	r, err := set.Get("flt_1")
	if err != nil || r.Seen != 5 || r.Fired != 2 || *r.Remaining != 0 || planned.Fired() != 2 {
		t.Errorf("%+v (%v)", r, err)
	}
	set.Reset()
	if r := planned.Report(); r.Seen != 0 || r.Fired != 0 || *r.Remaining != 2 {
		t.Errorf("reset it is %+v", r)
	}
	list := set.List()
	if len(list) != 2 || list[1].ID != "flt_2" || list[1].Remaining != nil {
		t.Errorf("the list is %+v", list)
	}
	if removed, err := set.Remove("flt_1"); err != nil || removed.ID != "flt_1" {
		t.Errorf("removed %+v (%v)", removed, err)
	}
	for _, err := range []error{second(set.Get("flt_1")), second(set.Remove("flt_1"))} {
		if e, ok := err.(*engine.Error); !ok || e.Code != engine.CodeNotFound {
			t.Errorf("a fault that is gone: %v", err)
		}
	}
	if gone := set.Clear(); len(gone) != 1 || len(set.List()) != 0 || !set.Empty() {
		t.Errorf("cleared were %+v", gone)
	}
	if again, err := set.Add(fault.Plan{Effect: fault.Reset{}}); err != nil || again.Report().ID != "flt_3" {
		t.Errorf("an id is given out again (%v)", err)
	}
}

func second(_ fault.Report, err error) error { return err }

func TestAReportIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	var set fault.Set
	if _, err := set.Add(fault.Plan{Name: "n", Times: 3, Effect: fault.Truncate{Keep: 4}}); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(set.List()[0])
	want := `{"id":"flt_1","seen":0,"fired":0,"remaining":3,"name":"n","from":1,"times":3,"phase":"before","kind":"truncate","keep":4}`
	if err != nil || string(data) != want {
		t.Errorf("written %s (%v)", data, err)
	}
	var back fault.Report
	if err := json.Unmarshal(data, &back); err != nil || *back.Remaining != 3 || back.Kind() != "truncate" {
		t.Errorf("read %+v (%v)", back, err)
	}
	if plans, err := fault.ParsePlans(data); err != nil || plans[0].Effect != (fault.Truncate{Keep: 4}) {
		t.Errorf("added again it is %+v (%v)", plans, err)
	}
}

func TestStateAndChanges(t *testing.T) {
	t.Parallel()
	var set fault.Set
	if set.Changes() != nil {
		t.Error("an empty set has changed")
	}
	for range 2 {
		if _, err := set.Add(fault.Plan{Times: 2, Effect: fault.Reset{}}); err != nil {
			t.Fatal(err)
		}
	}
	set.Hit(fault.Request{Operation: "createInstance", Name: "x"})
	if changes := set.Changes(); string(changes) != string(set.State()) {
		t.Errorf("the changes are %s", changes)
	}
	if changes := set.Changes(); changes != nil {
		t.Errorf("again the changes are %s", changes)
	}
	var back fault.Set
	if err := back.Load(set.State()); err != nil {
		t.Fatal(err)
	}
	if string(back.State()) != string(set.State()) || back.Changes() != nil {
		t.Errorf("read back it is %s", back.State())
	}
	for _, bad := range []string{
		"{", `{"plans":[{"id":"flt_1","kind":"flood"}]}`, `{"planz":[]}`,
		`{"plans":[{"id":"flt_1","kind":"reset","fired":-5}]}`, `{"plans":[{"id":"flt_1","kind":"reset","seen":1,"fired":2}]}`,
	} {
		if err := back.Load([]byte(bad)); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
	if len(back.List()) != 2 {
		t.Error("what could not be read changed the set")
	}
	if err := back.Load(nil); err != nil || !back.Empty() {
		t.Errorf("nothing is no empty set (%v)", err)
	}
}

// A set that remembers knows whether a plan ever hit, whatever becomes of the plan; one
// that only has the same id is another one.
func TestPast(t *testing.T) {
	t.Parallel()
	set := fault.Set{Remember: true}
	first, err := set.Add(plan(t, `{"kind":"reset","operation":"getAccount"}`))
	if err != nil {
		t.Fatal(err)
	}
	before := set.State()
	hit, _ := set.Hit(fault.Request{Operation: "getAccount"})
	hit.Missed()
	if past := first.Past(); past.Hit {
		t.Errorf("a hit that was taken back is %+v", past)
	}
	if err := set.Load(before); err != nil {
		t.Fatal(err)
	}
	set.Hit(fault.Request{Operation: "getAccount"})
	if past := first.Past(); !past.Hit || past.Fired != 1 || past.Copied {
		t.Errorf("loaded again and hit it is %+v", past)
	}
	set.Reset()
	set.Clear()
	other := `{"made":1,"plans":[{"id":"flt_1","kind":"reset","operation":"getInvoice"},{"id":"flt_1","kind":"reset","operation":"getInvoice"}]}`
	for range 2 { // the second time both are known
		if err := set.Load([]byte(other)); err != nil {
			t.Fatal(err)
		}
	}
	past := set.Past()
	if len(past) != 3 || !past[0].Hit || past[0].Copied || past[1].Hit || !past[1].Copied || past[1].Operation != "getInvoice" || !past[2].Copied {
		t.Errorf("the past is %+v", past)
	}
	if len(set.List()) != 2 {
		t.Errorf("in force are %+v", set.List())
	}

	var forgetful fault.Set
	if _, err := forgetful.Add(plan(t, `{"kind":"reset","operation":"getAccount"}`)); err != nil || len(forgetful.Past()) != 1 {
		t.Errorf("of what is in force %+v is known: %v", forgetful.Past(), err)
	}
	forgetful.Clear()
	if past := forgetful.Past(); len(past) != 0 {
		t.Errorf("what nobody asks for is kept: %+v", past)
	}
}

// A plan and its copies have the same origin, and no other plan has.
func TestOrigins(t *testing.T) {
	t.Parallel()
	one, two, fork := fault.Set{Owner: "sbx_1"}, fault.Set{Owner: "sbx_2"}, fault.Set{Owner: "sbx_3"}
	for _, set := range []*fault.Set{&one, &two} {
		if _, err := set.Add(plan(t, `{"kind":"reset","operation":"getAccount"}`)); err != nil {
			t.Fatal(err)
		}
	}
	if err := fork.Load(one.State()); err != nil {
		t.Fatal(err)
	}
	again := fault.Set{Owner: "sbx_4"}
	if err := again.Load(fork.State()); err != nil {
		t.Fatal(err)
	}
	origin := func(s *fault.Set) string { return s.Past()[0].Origin }
	if origin(&one) == origin(&two) || origin(&fork) != origin(&one) || origin(&again) != origin(&one) {
		t.Errorf("the origins are %q, %q, of a copy %q, and of a copy's copy %q", origin(&one), origin(&two), origin(&fork), origin(&again))
	}
}

// However requests, reports and changes of the set come together, no hit is lost
// and none too many.
func TestAccountingUnderConcurrency(t *testing.T) {
	t.Parallel()
	var set fault.Set
	kept, err := set.Add(fault.Plan{From: 11, Times: 50, Effect: fault.Reset{}})
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	hits := make(chan string, 1000)
	for range 10 {
		wait.Go(func() {
			other, err := set.Add(fault.Plan{Operation: "getInvoice", Effect: fault.Reset{}})
			if err != nil {
				t.Error(err)
				return
			}
			for range 100 {
				if hit, _ := set.Hit(fault.Request{Operation: "getAccount"}); hit != nil {
					hits <- hit.ID
				}
				set.List()
				set.State()
			}
			if _, err := set.Remove(other.Report().ID); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	close(hits)
	if r := kept.Report(); r.Seen != 1000 || r.Fired != 50 || len(hits) != 50 {
		t.Errorf("it saw %d and hit %d; %d were told so", r.Seen, r.Fired, len(hits))
	}
}

// Nobody sees a machine before it is struck.
func TestAStrikeIsOneChangeWithTheRent(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t, simtest.Clock("frozen"))
	sim.Fault(plan(t, `{"kind":"host_dies","operation":"createInstance","times":-1}`))
	stop := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			for _, inst := range sim.Instances() {
				if inst.Status != engine.StatusError {
					t.Errorf("%s is seen %s", inst.Name, inst.Status)
					return
				}
			}
		}
	})
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		if status, body, err := create(t, sim, name); status != 201 {
			t.Errorf("answered %d %s (%v)", status, body, err)
		}
	}
	close(stop)
	wait.Wait()
}
