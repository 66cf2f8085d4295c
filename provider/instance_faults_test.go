package provider_test

import (
	"fmt"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// mishaps are what can go wrong with a request that pays, by the kind of fault.
var mishaps = map[string][]fault.Effect{
	"status": {
		fault.Status{Code: 500, Body: `{"message":"oops","code":"unavailable"}`, ContentType: "application/json"},
		fault.Status{Code: 503, RetryAfter: 1},
		fault.Status{Code: 408},
		fault.Status{Code: 302, Header: http.Header{"Location": {"/login"}}},
		fault.Status{Code: 200, Body: `{"hello":"world"}`, ContentType: "application/json"},
		fault.Status{Code: 204},
		fault.Status{Code: 403, Body: "blocked by policy"},
		fault.Status{Code: 409},
		fault.Status{Code: 429},
	},
	"html":              {fault.HTML{}, fault.HTML{Code: 404}, fault.HTML{Code: 200}},
	"reset":             {fault.Reset{}},
	"truncate":          {fault.Truncate{}, fault.Truncate{Keep: 20}},
	"empty":             {fault.Empty{}},
	"delay":             {fault.Delay{By: fault.Duration(time.Millisecond)}},
	"late":              {fault.Late{By: fault.Duration(time.Millisecond)}},
	"no_capacity":       {fault.NoCapacity{}},
	"fail_provisioning": {fault.FailProvisioning{}},
	"host_dies":         {fault.HostDies{}},
	"ssh_refused":       {fault.SSHRefused{For: fault.Duration(time.Minute)}},
	"credits_run_out":   {fault.CreditsRunOut{}},
	"stale":             {fault.Stale{}}, // of what is read afterwards: see services
}

// refusalOf is the 4xx with which an effect answers, else 0.
func refusalOf(effect fault.Effect) int {
	code := 0
	switch e := effect.(type) {
	case fault.Status:
		code = e.Code
	case fault.HTML:
		code = e.Code
	}
	if code == 408 || code < 400 || code > 499 {
		return 0
	}
	return code
}

// believed are the mishaps that no client can see through: a 429 is decided
// before anything is done (package pictor), and who refuses a request with a 4xx
// does not carry it out later.
func believed(effect fault.Effect, phase fault.Phase) bool {
	code := refusalOf(effect)
	return code == 429 && phase != fault.Before || code != 0 && phase == fault.PhaseLate
}

// lies tells whether an effect says that something was done which was not.
func lies(effect fault.Effect, phase fault.Phase) bool {
	switch e := effect.(type) {
	case fault.Status:
		return phase != fault.After && e.Code < 300
	case fault.HTML:
		return phase != fault.After && e.Code == 200
	}
	return false
}

// services are what a request that pays may rely on, and what is read
// afterwards, in the same run.
var services = map[string]struct {
	policy engine.Policy
	reads  fault.Effect
}{
	"strict":          {engine.Policy{}, nil},
	"careless, stale": {engine.Policy{IgnoreIdempotencyKeys: true, AllowDuplicateNames: true}, fault.Stale{Behind: 100}},
	"no keys, blind":  {engine.Policy{IgnoreIdempotencyKeys: true}, fault.Status{Code: 500}},
}

// Whatever goes wrong with a request that pays, or that ends the paying: at no
// time does a machine bill that the state does not have, none is rented or
// extended twice, and as soon as nothing goes wrong any more there is just what
// the program wants.
func TestNoFaultLosesOrDoublesAMachine(t *testing.T) {
	t.Parallel()
	for kind, about := range fault.Kinds() {
		if len(mishaps[kind]) == 0 {
			t.Errorf("nobody knows what becomes of a request that %s hits", kind)
		}
		for _, effect := range mishaps[kind] {
			for _, phase := range about.Phases {
				for operation, story := range stories {
					plan := fault.Plan{Operation: operation, Phase: phase, Effect: effect, Optional: true}
					if plan.Check() != nil || believed(effect, phase) {
						continue
					}
					for name, service := range services {
						if operation == "deleteInstance" && lies(effect, phase) && name != "strict" {
							continue // it is waited for in vain, a second each
						}
						t.Run(fmt.Sprintf("%s %s %+v %s", operation, phase, effect, name), func(t *testing.T) {
							t.Parallel()
							s := newStack(t, simtest.Policy(service.policy))
							story(&ordeal{stack: s, plan: plan, reads: service.reads})
						})
					}
				}
			}
		}
	}
}

var stories = map[string]func(*ordeal){
	"createInstance": (*ordeal).create,
	"extendInstance": (*ordeal).extend,
	"deleteInstance": (*ordeal).delete,
}

// ordeal is a stack with one machine while something goes wrong.
type ordeal struct {
	*stack
	plan     fault.Plan
	reads    fault.Effect // what becomes of reads meanwhile
	planned  *fault.Planned
	r        *res
	replaced int // machines that were given up on purpose
}

// begin lets things go wrong from now on.
func (o *ordeal) begin() {
	o.timeout = 1 // ends a wait for what is never going to be
	o.planned = o.sim.Fault(o.plan)
	times := 20 // more than what is looked for at once
	if refusalOf(o.plan.Effect) != 0 {
		times = 3 // looks that are longer behind than ours last find nothing
	}
	for _, operation := range []string{"listInstances", "getInstance"} {
		plan := fault.Plan{Operation: operation, Times: times, Effect: o.reads, Optional: true}
		if _, blind := o.reads.(fault.Status); blind {
			plan.From = 2 // the name is looked up once before
		}
		if o.reads != nil {
			o.sim.Fault(plan)
		}
	}
}

// end lets nothing go wrong any more, and waits for what is carried out late.
func (o *ordeal) end(done func() bool) {
	o.t.Helper()
	hit := o.planned.Fired() > 0
	for waiting := time.Now(); hit && o.plan.Phase == fault.PhaseLate && !done(); runtime.Gosched() {
		if time.Since(waiting) > 10*time.Second {
			o.t.Fatal("what was to be carried out late was not")
		}
	}
	o.accounted()
	o.timeout = 0
	o.sim.ClearFaults()
	o.sim.Do(o.t, func(w *engine.World) error { w.Deposit(100*engine.Credit, "top-up"); return nil })
	o.clock.forward(6 * time.Minute)
}

// accounted fails unless everything that bills is in the state, and nothing was
// rented twice.
func (o *ordeal) accounted() {
	o.t.Helper()
	for _, inst := range o.sim.Instances() {
		if o.r == nil || o.r.id != inst.ID && o.r.id != "name:"+inst.Name && o.r.state.Get("instanceId").AsString() != inst.ID {
			o.t.Errorf("%s (%s, %s) costs money, and the state does not have it", inst.Name, inst.ID, inst.Status)
		}
	}
	if n := o.paid("rental of "); n > 1+o.replaced {
		o.t.Errorf("rented %d times: %q", n, charges(o.sim))
	}
	if n := o.paid("extension of "); n > 1+o.replaced {
		o.t.Errorf("extended %d times: %q", n, charges(o.sim))
	}
}

func (o *ordeal) paid(what string) (n int) {
	for _, charge := range charges(o.sim) {
		if strings.HasPrefix(charge, what) {
			n++
		}
	}
	return n
}

// up is "pulumi up".
func (o *ordeal) up(inputs props) error {
	o.t.Helper()
	if o.r == nil {
		var err error
		o.r, err = o.stack.create(instanceType, "trainer", inputs)
		return err
	}
	d, _, err := o.stack.diff(o.r, inputs)
	if err != nil {
		return err
	}
	for _, change := range slices.Collect(maps.Values(d.DetailedDiff)) {
		if strings.HasSuffix(string(change.Kind), "replace") {
			if err := o.destroy(); err != nil {
				return err
			}
			o.replaced++
			return o.up(inputs)
		}
	}
	return o.stack.update(o.r, inputs)
}

// destroy is "pulumi destroy".
func (o *ordeal) destroy() error {
	o.t.Helper()
	err := o.stack.delete(o.r)
	if err == nil {
		o.r = nil
	}
	return err
}

// refreshed is "pulumi refresh".
func (o *ordeal) refreshed() {
	o.t.Helper()
	if o.r == nil {
		return
	}
	if err := o.stack.refresh(o.r); err != nil {
		o.t.Errorf("refresh: %v", err)
	}
	if o.r.id == "" {
		o.r = nil
	}
}

// converged runs the program until it is content, with a refresh before every
// other run.
func (o *ordeal) converged(inputs props) {
	o.t.Helper()
	var err error
	for n := range 4 {
		if n%2 == 0 {
			o.refreshed()
			o.accounted()
		}
		if err = o.up(inputs); err == nil {
			break
		}
		o.accounted()
		o.clock.forward(6 * time.Minute)
	}
	if err != nil {
		o.t.Fatal(err)
	}
	o.accounted()
	if inst := onlyInstance(o.t, o.sim); inst.ID != o.r.id || inst.Status != engine.StatusRunning {
		o.t.Errorf("the state has %s, and what is rented is %+v", o.r.id, inst)
	}
	o.noDiff(o.r, inputs)
}

func (o *ordeal) create() {
	o.begin()
	_ = o.up(trainer)
	o.end(func() bool { return len(o.sim.Instances()) > 0 })
	o.converged(trainer)
}

func (o *ordeal) extend() {
	longer := with(trainer, props{"extensionHours": number(5)})
	o.r = o.mustCreate(instanceType, "trainer", trainer)
	o.begin()
	_ = o.up(longer)
	o.end(func() bool { return onlyInstance(o.t, o.sim).ExtendedHours > 0 })
	o.converged(longer)
	if inst := onlyInstance(o.t, o.sim); inst.ExtendedHours != 5 {
		o.t.Errorf("extended by %d h, not 5", inst.ExtendedHours)
	}
}

func (o *ordeal) delete() {
	o.r = o.mustCreate(instanceType, "trainer", trainer)
	o.begin()
	_ = o.destroy()
	o.end(func() bool { return true })
	for n := 0; o.r != nil && n < 4; n++ {
		o.accounted()
		if o.destroy() == nil {
			break
		}
		if len(o.sim.Instances()) == 0 && speaksWithoutWords(o.t) {
			o.wantDeleted(o.r) // it is gone, and that cannot be proven any more
			return
		}
		o.refreshed()
	}
	if left := o.sim.Instances(); o.r != nil || len(left) != 0 {
		o.t.Errorf("the state has %v, and still rented are %+v", o.r, left)
	}
}
