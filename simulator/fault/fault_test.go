package fault_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

const sshKey = `{"name":"laptop","public_key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"}`

// send sends a request on a connection of its own, so that no client repeats it.
func send(t *testing.T, sim *simtest.Sim, method, path, body string) (status int, header http.Header, answer string, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, sim.Endpoint+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+sim.APIKey)
	req.Header.Set("Content-Type", "application/json")
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(data), err
}

func get(t *testing.T, sim *simtest.Sim) int {
	t.Helper()
	status, _, _, err := send(t, sim, "GET", "/account", "")
	if err != nil {
		t.Fatal(err)
	}
	return status
}

func TestAPlanHitsTheRequestsItNames(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		plan  fault.Plan
		want  []int // of five reads of the account
		fired int
	}{
		"once":        {fault.Plan{Operation: "getAccount"}, []int{503, 200, 200, 200, 200}, 1},
		"later":       {fault.Plan{Operation: "getAccount", From: 3}, []int{200, 200, 503, 200, 200}, 1},
		"twice":       {fault.Plan{Operation: "getAccount", From: 2, Times: 2}, []int{200, 503, 503, 200, 200}, 2},
		"always":      {fault.Plan{Operation: "getAccount", Times: -1}, []int{503, 503, 503, 503, 503}, 5},
		"any request": {fault.Plan{Times: 2}, []int{503, 503, 200, 200, 200}, 2},
		"another":     {fault.Plan{Operation: "listOffers", Times: -1, Optional: true}, []int{200, 200, 200, 200, 200}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := simtest.New(t)
			tc.plan.Effect = fault.Status{Code: 503}
			plan := sim.Fault(tc.plan)
			for i, want := range tc.want {
				if got := get(t, sim); got != want {
					t.Errorf("request %d is answered %d, want %d", i+1, got, want)
				}
			}
			if got := plan.Fired(); got != tc.fired {
				t.Errorf("it fired %d times, want %d", got, tc.fired)
			}
		})
	}
}

func TestPlansStandBehindOneAnother(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	first := sim.Fault(fault.Plan{Effect: fault.Status{Code: 502}})
	second := sim.Fault(fault.Plan{Effect: fault.Status{Code: 503}, From: 2})
	if a, b, c := get(t, sim), get(t, sim), get(t, sim); a != 502 || b != 503 || c != 200 {
		t.Errorf("three requests are answered %d, %d, %d; want 502, 503, 200", a, b, c)
	}
	if first.Fired() != 1 || second.Fired() != 1 {
		t.Errorf("they fired %d and %d times, want once each", first.Fired(), second.Fired())
	}
}

func TestClearTakesPlansOutOfForce(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	plan := sim.Fault(fault.Plan{Times: -1, Effect: fault.Status{Code: 503}})
	get(t, sim)
	sim.ClearFaults()
	if got := get(t, sim); got != 200 || plan.Fired() != 1 {
		t.Errorf("answered %d after %d hits, want 200 after one", got, plan.Fired())
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	sim.Fault(fault.Plan{Effect: fault.Status{
		Code: 429, Header: http.Header{"Retry-After": {"7"}}, Body: "<h1>slow down</h1>", ContentType: "text/html",
	}})
	sim.Fault(fault.Plan{Effect: fault.Status{Code: 502, Body: "bad gateway"}})
	status, header, body, err := send(t, sim, "GET", "/account", "")
	if err != nil || status != 429 || header.Get("Retry-After") != "7" || header.Get("Content-Type") != "text/html" || body != "<h1>slow down</h1>" {
		t.Errorf("answered %d %v %q (%v)", status, header, body, err)
	}
	status, header, body, err = send(t, sim, "GET", "/account", "")
	if err != nil || status != 502 || header.Get("Content-Type") != "text/plain; charset=utf-8" || body != "bad gateway" {
		t.Errorf("answered %d %v %q (%v)", status, header, body, err)
	}
}

// Before, nothing has happened; after, everything has, and only the answer is
// lost: the machine is rented and is being paid for.
func TestThePhaseDecidesWhetherItHappened(t *testing.T) {
	t.Parallel()
	for _, phase := range []fault.Phase{fault.Before, fault.After, ""} {
		for name, effect := range map[string]fault.Effect{
			"status": fault.Status{Code: 500}, "reset": fault.Reset{}, "truncate": fault.Truncate{Keep: 20},
		} {
			t.Run(string(phase)+" "+name, func(t *testing.T) {
				t.Parallel()
				sim := simtest.New(t)
				plan := sim.Fault(fault.Plan{Operation: "createInstance", Phase: phase, Effect: effect})
				status, _, body, err := send(t, sim, "POST", "/gpu-instances", rental(t, sim))
				if _, answers := effect.(fault.Status); err == nil && (!answers || status != 500) {
					t.Errorf("answered %d %s, want the effect", status, body)
				}
				if plan.Fired() != 1 {
					t.Fatalf("it fired %d times", plan.Fired())
				}
				want := 0
				if phase == fault.After {
					want = 1
				}
				if got := len(sim.Instances()); got != want {
					t.Errorf("%d machines are rented, want %d", got, want)
				}
				if charges := len(sim.Ledger()) - 1; charges != want {
					t.Errorf("%d charges, want %d", charges, want)
				}
				if got := get(t, sim); got != 200 {
					t.Errorf("the next request is answered %d", got)
				}
			})
		}
	}
}

func rental(t *testing.T, sim *simtest.Sim) string {
	t.Helper()
	_, _, page, err := send(t, sim, "GET", "/gpu-instances/offers?per_page=1", "")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(page, `"off_`)
	id, _, found := strings.Cut(rest, `"`)
	if !found {
		t.Fatalf("no offer in %s", page)
	}
	return `{"name":"trainer","offer_id":"off_` + id + `","os":"linux","gpu_count":1,"storage_gb":10,"rental_hours":1}`
}

func TestReset(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	sim.Fault(fault.Plan{Effect: fault.Reset{}})
	_, _, _, err := send(t, sim, "GET", "/account", "")
	if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
		t.Errorf("the client sees %v, want a connection that was reset", err)
	}
}

func TestTruncate(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		keep int
		want string
	}{"some": {12, `{"created_at`}, "nothing": {0, ""}, "less than nothing": {-5, ""}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := simtest.New(t)
			sim.Fault(fault.Plan{Operation: "createSshKey", Phase: fault.After, Effect: fault.Truncate{Keep: tc.keep}})
			status, header, body, err := send(t, sim, "POST", "/ssh-keys", sshKey)
			if status != 201 || !errors.Is(err, io.ErrUnexpectedEOF) || body != tc.want {
				t.Errorf("answered %d %q (%v), want 201 and %q of it", status, body, err, tc.want)
			}
			if header.Get("Content-Type") != "application/json" || header.Get("Date") == "" {
				t.Errorf("the headers are %v, want those of the real answer", header)
			}
		})
	}
}

func TestTruncateKeepsWhatIsShortEnough(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	sim.Fault(fault.Plan{Phase: fault.After, Effect: fault.Truncate{Keep: 1 << 20}})
	if status, _, body, err := send(t, sim, "GET", "/account", ""); status != 200 || err != nil || !strings.HasSuffix(strings.TrimSpace(body), "}") {
		t.Errorf("answered %d %q (%v)", status, body, err)
	}
}

// A request counts when it arrives, also one that is going to be refused, but
// not one for which there is no operation.
func TestWhatCounts(t *testing.T) {
	t.Parallel()
	for phase, fired := range map[fault.Phase]int{fault.Before: 2, fault.After: 1, fault.PhaseLate: 2} {
		sim := simtest.New(t)
		plan := sim.Fault(fault.Plan{Times: -1, Phase: phase, Effect: fault.Status{Code: 503}})
		for _, request := range []string{"GET /nothing", "DELETE /account", "POST /ssh-keys", "GET /ssh-keys/nobody"} {
			method, path, _ := strings.Cut(request, " ")
			if _, _, _, err := send(t, sim, method, path, "{}"); err != nil {
				t.Fatal(err)
			}
		}
		if got := plan.Report(); got.Seen != 2 || got.Fired != fired {
			t.Errorf("%s: it fired for %d of %d requests, want %d of the two that have an operation", phase, got.Fired, got.Seen, fired)
		}
	}
}

// A change that is refused has no answer that could be lost: it is answered as
// ever, and the next one that is carried out is hit.
func TestARefusedChangeLeavesTheFaultBehindIt(t *testing.T) {
	t.Parallel()
	for why, tc := range map[string]struct {
		name    string // of the machine
		planned bool   // else its label asks for the fault
		os      string
		credits int
		status  int
	}{
		"not valid":            {"x", true, "dos", 100, 422},
		"not valid, labelled":  {"x--sim-lost-answer", false, "dos", 100, 422},
		"no credits":           {"x", true, "linux", 0, 402},
		"no credits, labelled": {"x--sim-lost-answer", false, "linux", 0, 402},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			sim := simtest.New(t, simtest.Credits(tc.credits))
			if tc.planned {
				sim.Fault(fault.Plan{Operation: "createInstance", Phase: fault.After, Effect: fault.Reset{}})
			}
			body := strings.Replace(rental(t, sim), "trainer", tc.name, 1)
			status, _, answer, err := send(t, sim, "POST", "/gpu-instances", strings.Replace(body, "linux", tc.os, 1))
			if status != tc.status || err != nil {
				t.Errorf("the refused rent is answered %d %s (%v), want %d", status, answer, err, tc.status)
			}
			if faulty := sim.Requests(simtest.Faulty); len(faulty) != 0 {
				t.Errorf("the journal has it hit by %s", faulty[0].Fault)
			}
			sim.Do(t, func(w *engine.World) error { w.Deposit(100*engine.Credit, "more"); return nil })
			if status, _, answer, err := send(t, sim, "POST", "/gpu-instances", body); err == nil {
				t.Errorf("the rent is answered %d %s, want its answer to be lost", status, answer)
			}
			if n := len(sim.Instances()); n != 1 {
				t.Errorf("%d machines are rented, want one", n)
			}
		})
	}
}

// A request that exceeds the rate limit is refused, whatever faults there are.
func TestTheRateLimitUsesNoFaultUp(t *testing.T) {
	t.Parallel()
	for _, phase := range []fault.Phase{fault.Before, fault.After, fault.PhaseLate} {
		var passed atomic.Int64
		sim := simtest.New(t, simtest.RateLimit(1, time.Minute), simtest.Configure(func(cfg *simulator.Config) {
			cfg.Wall = func() time.Time { return engine.Epoch.Add(time.Duration(passed.Load())) }
		}))
		if got := get(t, sim); got != 200 {
			t.Fatalf("answered %d", got)
		}
		plan := sim.Fault(fault.Plan{Phase: phase, Effect: fault.Status{Code: 503}})
		if got := get(t, sim); got != 429 || plan.Report().Seen != 0 {
			t.Errorf("%s: one too many is answered %d, and the fault has %+v", phase, got, plan.Report())
		}
		passed.Store(int64(time.Minute))
		if got := get(t, sim); got != 503 || plan.Fired() != 1 {
			t.Errorf("%s: then one is answered %d, and the fault has %+v", phase, got, plan.Report())
		}
	}
}

func TestASpoiltAnswerIsStillKeptForItsIdempotencyKey(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	sim.Fault(fault.Plan{Operation: "createInstance", Phase: fault.After, Effect: fault.Reset{}})
	body := rental(t, sim)
	create := func() (int, error) {
		req, err := http.NewRequestWithContext(t.Context(), "POST", sim.Endpoint+"/gpu-instances", bytes.NewReader([]byte(body)))
		if err != nil {
			t.Fatal(err)
		}
		req.GetBody, req.Close = nil, true // the transport is not to repeat it
		req.Header.Set("Authorization", "Bearer "+sim.APIKey)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", "k")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0, err
		}
		return resp.StatusCode, resp.Body.Close()
	}
	if status, err := create(); err == nil {
		t.Fatalf("answered %d, want a reset", status)
	}
	if status, err := create(); status != 201 || err != nil {
		t.Errorf("sent again it is answered %d (%v), want the first answer", status, err)
	}
	if got := len(sim.Instances()); got != 1 {
		t.Errorf("%d machines are rented, want one", got)
	}
}

func TestManyRequestsAtOnceAreCountedRight(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	plan := sim.Fault(fault.Plan{Times: 7, From: 4, Effect: fault.Status{Code: 503}})
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() { _, _, _, _ = send(t, sim, "GET", "/account", "") })
	}
	wait.Wait()
	if got := plan.Fired(); got != 7 {
		t.Errorf("it fired %d times, want 7", got)
	}
}
