package fault_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// plan reads a plan as a file has it.
func plan(t *testing.T, text string) fault.Plan {
	t.Helper()
	plans, err := fault.ParsePlans([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return plans[0]
}

// until waits for something that another goroutine is about to bring about.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for began := time.Now(); !done(); {
		if time.Since(began) > 20*time.Second {
			t.Fatalf("waited in vain until %s", what)
		}
		runtime.Gosched()
	}
}

func create(t *testing.T, sim *simtest.Sim, name string) (status int, body string, err error) {
	t.Helper()
	status, _, body, err = send(t, sim, "POST", "/gpu-instances", strings.Replace(rental(t, sim), "trainer", name, 1))
	return status, body, err
}

func TestEveryOperationOfTheContractCanBeNamed(t *testing.T) {
	t.Parallel()
	spec, err := api.GetSpec()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, item := range spec.Paths.Map() {
		for _, op := range item.Operations() {
			want = append(want, op.OperationID)
		}
	}
	if got := slices.Sorted(slices.Values(fault.Operations())); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("the operations are %v", got)
	}
}

// Every kind, with everything that can be said of it.
var written = map[string]string{
	"status":            `{"from":1,"times":1,"phase":"late","kind":"status","code":503,"headers":{"X-Why":"because"},"body":"no","content_type":"text/css","retry_after":2}`,
	"html":              `{"from":1,"times":1,"phase":"after","kind":"html","code":504}`,
	"reset":             `{"name":"n","operation":"createInstance","resource":"t*","from":2,"times":-1,"phase":"before","kind":"reset"}`,
	"truncate":          `{"from":1,"times":1,"phase":"after","kind":"truncate","keep":7}`,
	"empty":             `{"from":1,"times":1,"phase":"after","kind":"empty"}`,
	"delay":             `{"from":1,"times":1,"phase":"before","kind":"delay","by":"1ms"}`,
	"late":              `{"from":1,"times":1,"phase":"late","kind":"late","by":"1s"}`,
	"stale":             `{"from":1,"times":1,"phase":"before","kind":"stale","behind":3}`,
	"no_capacity":       `{"from":1,"times":1,"phase":"before","kind":"no_capacity"}`,
	"fail_provisioning": `{"from":1,"times":1,"phase":"after","kind":"fail_provisioning","reason":"smoke"}`,
	"host_dies":         `{"from":1,"times":1,"phase":"after","kind":"host_dies","after":"10m0s"}`,
	"ssh_refused":       `{"from":1,"times":1,"phase":"after","kind":"ssh_refused","for":"30s"}`,
	"credits_run_out":   `{"from":1,"times":1,"phase":"before","kind":"credits_run_out"}`,
}

func TestAPlanIsWrittenAsItWasRead(t *testing.T) {
	t.Parallel()
	if got := slices.Sorted(maps.Keys(written)); !slices.Equal(got, fault.KindNames()) {
		t.Fatalf("the test knows %v, there are %v", got, fault.KindNames())
	}
	for name, text := range written {
		back, err := json.Marshal(plan(t, text))
		if err != nil || string(back) != text {
			t.Errorf("%s: %s is written as %s (%v)", name, text, back, err)
		}
		for _, p := range fault.Kinds()[name].Parameters {
			if !strings.Contains(text, `"`+p.Name+`":`) {
				t.Errorf("%s: %s is a parameter that the test does not know", name, p.Name)
			}
		}
	}
}

func TestPlansThatCannotBe(t *testing.T) {
	t.Parallel()
	for text, wants := range map[string][]string{
		`{`:                            {"no JSON"},
		`7`:                            {"a plan is a JSON object"},
		`{}`:                           {"kind: is required: use one of credits_run_out, delay,"},
		`{"kind":"flood"}`:             {`kind: "flood" is no kind of fault: use one of`, "late, no_capacity"},
		`{"kind":7}`:                   {"kind: cannot be 7"},
		`{"kind":"status"}`:            {"code: must be 200 to 599"},
		`{"kind":"status","code":"x"}`: {`code: cannot be "x": it is a number`},
		`{"kind":"status","headers":{"A:b":"c"}}`:                             {`headers: "A:b" cannot be the name of a header`},
		`{"kind":"status","headers":{"A":"b\r\nC: d"}}`:                       {"headers: A cannot have the value"},
		`{"kind":"status","codes":503}`:                                       {"codes: is nothing that status has: it has code, headers, body,"},
		`{"kind":"reset","x":1,"from":-1}`:                                    {"x: is nothing that reset has: it has no parameters", "from: must be 1 or more"},
		`{"kind":"delay"}`:                                                    {"by: must be 1µs to 1m0s"},
		`{"kind":"delay","by":"2m"}`:                                          {"by: must be"},
		`{"kind":"delay","by":"soon"}`:                                        {`by: "soon" is no duration: write 500ms, 30s or 10m`},
		`{"kind":"empty","phase":"before"}`:                                   {`phase: "before" is no phase of empty: use after`},
		`{"kind":"reset","phase":"never"}`:                                    {"use before, after, late"},
		`{"kind":"reset","operation":"create"}`:                               {`operation: "create" is no operation: use one of listOffers,`},
		`{"kind":"reset","resource":"[","operation":"rent"}`:                  {`resource: "[" is no pattern`, `operation: "rent" is no operation`},
		`{"kind":"stale","operation":"createInstance"}`:                       {"operation: createInstance cannot be hit by stale", "getInstance"},
		`{"kind":"no_capacity","operation":"getOffer"}`:                       {"getOffer cannot be hit by no_capacity", "use one of createInstance"},
		`{"kind":"host_dies","operation":"createInstance","phase":"before"}`:  {"createInstance cannot be hit by host_dies in the phase before"},
		`{"kind":"reset","operation":"listInstances","resource":"trainer"}`:   {"resource: listInstances is about no single thing"},
		`[{"kind":"reset"},{"kind":"flood","operation":"rent"},{"kind":"x"}]`: {"1.kind: ", "1.operation: ", "2.kind: "},
	} {
		_, err := fault.ParsePlans([]byte(text))
		if err == nil {
			t.Errorf("%s is taken", text)
			continue
		}
		for _, want := range wants {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s is refused with %q, want %q", text, err, want)
			}
		}
	}
}

func TestEmptyAndHTML(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	sim.Fault(plan(t, `{"kind":"empty"}`))
	sim.Fault(plan(t, `{"kind":"html"}`))
	sim.Fault(plan(t, `{"kind":"status","code":429,"retry_after":3}`))
	status, header, body, err := send(t, sim, "GET", "/account", "")
	if status != 200 || body != "" || err != nil || header.Get("Content-Type") != "application/json" || header.Get("Content-Length") != "0" {
		t.Errorf("empty: answered %d %v %q (%v)", status, header, body, err)
	}
	status, header, body, err = send(t, sim, "GET", "/account", "")
	if status != 502 || err != nil || !strings.HasPrefix(header.Get("Content-Type"), "text/html") || !strings.Contains(body, "<h1>502 Bad Gateway</h1>") {
		t.Errorf("html: answered %d %v %q (%v)", status, header, body, err)
	}
	if status, header, _, err = send(t, sim, "GET", "/account", ""); status != 429 || header.Get("Retry-After") != "3" || err != nil {
		t.Errorf("status: answered %d %v (%v)", status, header, err)
	}
}

func TestResourceIsAPatternOfIDOrName(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	named := sim.Fault(plan(t, `{"kind":"status","code":503,"resource":"train*","times":-1}`))
	if status, _, err := create(t, sim, "other"); status != 201 || err != nil {
		t.Fatalf("another name is answered %d (%v)", status, err)
	}
	if status, _, _ := create(t, sim, "trainer"); status != 503 {
		t.Errorf("the name is answered %d", status)
	}
	sim.ClearFaults()
	if status, _, err := create(t, sim, "trainer"); status != 201 || err != nil {
		t.Fatal(status, err)
	}
	sim.Fault(named.Plan)
	id := sim.Instances()[1].ID
	for path, want := range map[string]int{
		"/gpu-instances": 200, "/gpu-instances/" + sim.Instances()[0].ID: 200, "/gpu-instances/" + id: 503, "/account": 200,
	} {
		if status, _, _, err := send(t, sim, "GET", path, ""); status != want || err != nil {
			t.Errorf("%s is answered %d (%v), want %d", path, status, err, want)
		}
	}
	sim.ClearFaults()
	sim.Fault(fault.Plan{Resource: id[:8] + "*", Effect: fault.Status{Code: 503}})
	if status, _, _, _ := send(t, sim, "GET", "/gpu-instances/"+id, ""); status != 503 {
		t.Errorf("the id is answered %d", status)
	}
}

func TestDelay(t *testing.T) {
	t.Parallel()
	for _, phase := range []fault.Phase{fault.Before, fault.After} {
		sim := simtest.New(t)
		sim.Fault(fault.Plan{Operation: "createInstance", Phase: phase, Effect: fault.Delay{By: fault.Duration(time.Millisecond)}})
		began := time.Now()
		if status, _, err := create(t, sim, "trainer"); status != 201 || err != nil || time.Since(began) < time.Millisecond {
			t.Errorf("%s: answered %d (%v) after %s", phase, status, err, time.Since(began))
		}
		if n := len(sim.Instances()); n != 1 {
			t.Errorf("%s: %d machines", phase, n)
		}
	}
}

// giveUp rents a machine and goes away as soon as the request is being held up.
func giveUp(t *testing.T, sim *simtest.Sim, hit *fault.Planned) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{}}
	req, err := http.NewRequest("POST", sim.Endpoint+"/gpu-instances", strings.NewReader(rental(t, sim)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+sim.APIKey)
	req.Header.Set("Content-Type", "application/json")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		resp, err := client.Do(req.WithContext(ctx))
		if err == nil {
			resp.Body.Close()
		}
		ended <- err
	}()
	until(t, "it hits", func() bool { return hit.Fired() == 1 })
	cancel()
	if err := <-ended; err == nil {
		t.Error("it was answered")
	}
}

// A request that waits before it is carried out is dropped with its client, and
// one that is late is carried out just then, once.
func TestAClientThatGivesUp(t *testing.T) {
	t.Parallel()
	t.Run("delay", func(t *testing.T) {
		t.Parallel()
		sim := simtest.New(t)
		giveUp(t, sim, sim.Fault(fault.Plan{Operation: "createInstance", Effect: fault.Delay{By: fault.Duration(time.Minute)}}))
		if n := len(sim.Instances()); n != 0 {
			t.Errorf("%d machines are rented", n)
		}
	})
	t.Run("late", func(t *testing.T) {
		t.Parallel()
		sim := simtest.New(t)
		giveUp(t, sim, sim.Fault(fault.Plan{Operation: "createInstance", Effect: fault.Late{By: fault.Duration(time.Minute)}}))
		rentedOnce(t, sim)
	})
}

// rentedOnce waits until a machine is rented, and looks that no second one is.
func rentedOnce(t *testing.T, sim *simtest.Sim) {
	t.Helper()
	until(t, "the machine is rented", func() bool { return len(sim.Instances()) > 0 })
	get(t, sim)
	if n, entries := len(sim.Instances()), len(sim.Ledger()); n != 1 || entries != 2 {
		t.Errorf("%d machines are rented and the ledger has %d entries, want one and two", n, entries)
	}
}

func TestLateIsCarriedOutAfterTheClientHasItsAnswer(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`{"operation":"createInstance","kind":"late","by":"1ms"}`:                     0,
		`{"operation":"createInstance","kind":"reset","phase":"late"}`:                0,
		`{"operation":"createInstance","kind":"status","code":504,"phase":"late"}`:    504,
		`{"operation":"createInstance","kind":"html","code":504,"phase":"late"}`:      504,
		`{"operation":"createInstance","kind":"late","by":"1ms","resource":"train*"}`: 0,
	} {
		sim := simtest.New(t)
		sim.Fault(plan(t, text))
		status, body, err := create(t, sim, "trainer")
		if status != want || (err == nil) != (want != 0) {
			t.Errorf("%s: answered %d %s (%v)", text, status, body, err)
		}
		rentedOnce(t, sim)
	}
}

func TestStaleReadsShowTheWorldOfBefore(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t, simtest.Clock("frozen"))
	sim.Fault(plan(t, `{"kind":"stale","operation":"listInstances","times":2}`))
	two := sim.Fault(plan(t, `{"kind":"stale","behind":2,"operation":"listInstances"}`))
	names := func() string {
		t.Helper()
		_, _, body, err := send(t, sim, "GET", "/gpu-instances", "")
		if err != nil {
			t.Fatal(err)
		}
		var page struct{ Data []struct{ Name string } }
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		all := ""
		for _, inst := range page.Data {
			all += inst.Name
		}
		return all
	}
	for _, name := range []string{"a", "b", "c"} {
		if status, _, err := create(t, sim, name); status != 201 {
			t.Fatal(status, err)
		}
	}
	for i, want := range []string{"ab", "ab", "a", "abc"} {
		if got := names(); got != want {
			t.Errorf("read %d shows %q, want %q", i+1, got, want)
		}
	}
	if r := two.Report(); r.Seen != 4 || r.Fired != 1 {
		t.Errorf("it saw %d and hit %d", r.Seen, r.Fired)
	}
	// What is in force no more keeps nothing.
	sim.ClearFaults()
	sim.Fault(plan(t, `{"kind":"stale"}`))
	if status, _, err := create(t, sim, "d"); status != 201 {
		t.Fatal(status, err)
	}
	// The read of the offers before the rent was the one that was hit.
	if got := names(); got != "abcd" {
		t.Errorf("at last the names are %q", got)
	}
}

func TestWorldFaultsOfARent(t *testing.T) {
	t.Parallel()
	for text, check := range map[string]func(t *testing.T, sim *simtest.Sim, status int){
		`{"kind":"no_capacity"}`: func(t *testing.T, sim *simtest.Sim, status int) {
			if status != 409 || len(sim.Instances()) != 0 {
				t.Errorf("answered %d", status)
			}
		},
		`{"kind":"credits_run_out"}`: func(t *testing.T, sim *simtest.Sim, status int) {
			if status != 402 || len(sim.Instances()) != 0 {
				t.Errorf("answered %d", status)
			}
		},
		`{"kind":"credits_run_out","phase":"after"}`: func(t *testing.T, sim *simtest.Sim, status int) {
			ledger := sim.Ledger()
			if last := ledger[len(ledger)-1]; status != 201 || last.BalanceAfter != 0 || last.Type != engine.EntryAdjustment {
				t.Errorf("answered %d, the last entry is %+v", status, last)
			}
		},
		`{"kind":"fail_provisioning","reason":"smoke"}`: func(t *testing.T, sim *simtest.Sim, _ int) {
			sim.Advance(time.Hour)
			if inst := sim.Instances()[0]; inst.Status != engine.StatusError || !strings.Contains(inst.StatusReason, "smoke") {
				t.Errorf("it is %s: %s", inst.Status, inst.StatusReason)
			}
		},
		`{"kind":"host_dies","after":"10m"}`: func(t *testing.T, sim *simtest.Sim, _ int) {
			if sim.Advance(9 * time.Minute); sim.Instances()[0].Status != engine.StatusRunning {
				t.Errorf("at first it is %s", sim.Instances()[0].Status)
			}
			if sim.Advance(time.Minute); sim.Instances()[0].Status != engine.StatusError {
				t.Errorf("then it is %s", sim.Instances()[0].Status)
			}
		},
		`{"kind":"host_dies"}`: func(t *testing.T, sim *simtest.Sim, status int) {
			if status != 201 || sim.Instances()[0].Status != engine.StatusError {
				t.Errorf("answered %d, it is %s", status, sim.Instances()[0].Status)
			}
		},
		`{"kind":"ssh_refused","for":"30s"}`: func(t *testing.T, sim *simtest.Sim, _ int) {
			sim.Advance(time.Minute)
			inst := sim.Instances()[0]
			if running := inst.ExpiresAt.Add(-time.Hour); !inst.ReachableAt.Equal(running.Add(30 * time.Second)) {
				t.Errorf("it runs from %s and is reachable from %s", running, inst.ReachableAt)
			}
		},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			sim := simtest.New(t, simtest.Clock("frozen"))
			p := plan(t, text)
			p.Operation = "createInstance"
			planned := sim.Fault(p)
			status, _, err := create(t, sim, "trainer")
			if err != nil || planned.Fired() != 1 {
				t.Fatalf("answered %d (%v), fired %d", status, err, planned.Fired())
			}
			check(t, sim, status)
		})
	}
}

// A world fault that finds nothing to strike is left for the next request, and
// an answer that is only given again strikes nobody.
func TestAWorldFaultCountsOnlyWhereItStrikes(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t, simtest.Clock("frozen"))
	dies := sim.Fault(plan(t, `{"kind":"host_dies","operation":"createInstance","times":2}`))
	if status, _, _, err := send(t, sim, "POST", "/gpu-instances", `{"name":"x"}`); status != 422 || err != nil || dies.Fired() != 0 {
		t.Errorf("a bad rent is answered %d (%v), fired %d", status, err, dies.Fired())
	}
	if _, _, err := create(t, sim, "x"); err != nil || dies.Fired() != 1 {
		t.Errorf("(%v), fired %d", err, dies.Fired())
	}
	nothing := plan(t, `{"kind":"fail_provisioning","phase":"before"}`)
	nothing.Optional = true
	other := sim.Fault(nothing)
	id := sim.Instances()[0].ID
	if _, _, _, err := send(t, sim, "GET", "/gpu-instances/"+id, ""); err != nil || other.Fired() != 0 {
		t.Errorf("(%v): the provisioning of a dead machine failed %d times", err, other.Fired())
	}
	sim.ClearFaults()
	if status, _, err := create(t, sim, "y"); status != 201 {
		t.Fatal(status, err)
	}
	after := sim.Fault(plan(t, `{"kind":"host_dies","operation":"getInstance"}`))
	status, _, body, err := send(t, sim, "GET", "/gpu-instances/"+sim.Instances()[1].ID, "")
	if status != 200 || err != nil || !strings.Contains(body, `"pending"`) || after.Fired() != 1 || sim.Instances()[1].Status != engine.StatusError {
		t.Errorf("answered %d %s (%v), it is %s", status, body, err, sim.Instances()[1].Status)
	}
}

func TestFaultsHitAnotherDialect(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t, simtest.Dialect("numeric-ids"))
	sim.Fault(plan(t, `{"kind":"no_capacity","resource":"train*"}`))
	body := func() string {
		_, _, page, err := send(t, sim, "GET", "/gpu-instances/offers?per_page=1", "")
		if err != nil {
			t.Fatal(err)
		}
		var offers struct{ Data []struct{ ID int } }
		if err := json.Unmarshal([]byte(page), &offers); err != nil {
			t.Fatal(err)
		}
		data, _ := json.Marshal(map[string]any{
			"name": "trainer", "offer_id": offers.Data[0].ID, "os": "linux", "gpu_count": 1, "storage_gb": 10, "rental_hours": 1,
		})
		return string(data)
	}
	if status, _, _, err := send(t, sim, "POST", "/gpu-instances", body()); status != 409 || err != nil {
		t.Errorf("answered %d (%v), want no capacity", status, err)
	}
	sim.Fault(plan(t, `{"kind":"truncate","keep":10,"phase":"after"}`))
	if _, _, got, err := send(t, sim, "GET", "/gpu-instances", ""); !errors.Is(err, io.ErrUnexpectedEOF) || len(got) != 10 {
		t.Errorf("answered %q (%v)", got, err)
	}
}
