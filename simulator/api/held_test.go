package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/journal"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// A request that a fault holds up is let go when its world ends, and leaves the
// next one alone.
func TestARequestThatIsHeldEndsWithItsWorld(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		effect fault.Effect
		end    func(sim *simulator.Simulator, before store.Snapshot) error
		status int // 0 is none
		code   string
		kept   int // in the journal
	}{
		"delayed, then reset":    {fault.Delay{By: fault.Duration(time.Minute)}, reset, 409, "wrong_state", 0},
		"delayed, then restored": {fault.Delay{By: fault.Duration(time.Minute)}, restore, 409, "wrong_state", 1},
		"delayed, then deleted":  {fault.Delay{By: fault.Duration(time.Minute)}, remove, 404, "not_found", 0},
		"late, then reset":       {fault.Late{By: fault.Duration(time.Minute)}, reset, 0, "", 0},
		"late, then restored":    {fault.Late{By: fault.Duration(time.Minute)}, restore, 0, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, err := simulator.New(simulator.Config{First: store.Settings{Credits: simulator.DefaultCredits}, CheckAnswers: true})
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(sim)
			t.Cleanup(server.Close)
			before := sim.Sandbox.Snapshot()
			c := &caller{&simtest.Sim{Endpoint: server.URL + api.BasePath, APIKey: sim.APIKey}, t}
			body := `{"name":"x","offer_id":"` + string(c.offer("os=windows").Id) + `","os":"linux","gpu_count":1,"storage_gb":10,"rental_hours":1}`
			sim.Sandbox.Journal.Clear()
			held, err := sim.Sandbox.Faults.Add(fault.Plan{Operation: "createInstance", Effect: tc.effect})
			if err != nil {
				t.Fatal(err)
			}
			status := make(chan *answer)
			go func() { status <- send(t, c, body) }()
			for held.Fired() == 0 {
				runtime.Gosched()
			}
			if err := tc.end(sim, before); err != nil {
				t.Fatal(err)
			}
			a := <-status
			if a.status != tc.status {
				t.Errorf("the request is answered %d %s, want %d", a.status, a.body, tc.status)
			}
			if a.status != 0 {
				a.refused(tc.status, tc.code)
			}
			if err := sim.Close(); err != nil { // and what is late has been carried out
				t.Fatal(err)
			}
			sim.Sandbox.View(func(w *engine.World) {
				if rented, entries := w.Rentals(), len(w.Ledger()); rented != 0 || entries != 1 {
					t.Errorf("the world has %d rentals and %d entries in the ledger, want none and the opening balance", rented, entries)
				}
			})
			if kept := sim.Sandbox.Journal.Entries(func(*journal.Entry) bool { return true }); len(kept) != tc.kept {
				t.Errorf("the journal has %d requests, want %d", len(kept), tc.kept)
			}
			if err := sim.Misfits(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A read that was held up says that its world is no more, and nothing of the next one.
func TestAReadThatIsHeldShowsNoOtherWorld(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*simulator.Simulator, store.Snapshot) error{"reset": reset, "restored": restore} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, err := simulator.New(simulator.Config{CheckAnswers: true})
			if err != nil {
				t.Fatal(err)
			}
			held, err := sim.Sandbox.Faults.Add(fault.Plan{Operation: "getAccount", Effect: fault.Delay{By: fault.Duration(time.Minute)}})
			if err != nil {
				t.Fatal(err)
			}
			before := sim.Sandbox.Snapshot()
			read := httptest.NewRequestWithContext(t.Context(), "GET", api.BasePath+"/account", nil)
			read.Header.Set("Authorization", "Bearer "+sim.APIKey)
			answer, answered := httptest.NewRecorder(), make(chan struct{})
			go func() { sim.ServeHTTP(answer, read); close(answered) }()
			for held.Fired() == 0 {
				runtime.Gosched()
			}
			if err := end(sim, before); err != nil {
				t.Fatal(err)
			}
			if <-answered; answer.Code != 409 || !strings.Contains(answer.Body.String(), "wrong_state") {
				t.Errorf("the read is answered %d %s, want 409", answer.Code, answer.Body)
			}
		})
	}
}

func reset(sim *simulator.Simulator, _ store.Snapshot) error { return sim.Sandbox.Reset() }

func restore(sim *simulator.Simulator, before store.Snapshot) error {
	return sim.Sandbox.Restore(before)
}

func remove(sim *simulator.Simulator, _ store.Snapshot) error {
	return sim.Store.Delete(sim.Sandbox.ID())
}

// send rents on a connection of its own, so that no client repeats the request;
// the status is 0 where no answer comes.
func send(t *testing.T, c *caller, body string) *answer {
	req, err := http.NewRequestWithContext(t.Context(), "POST", c.Endpoint+"/gpu-instances", strings.NewReader(body))
	if err != nil {
		t.Error(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.APIKey)
	req.Header.Set("Content-Type", "application/json")
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return &answer{t: t}
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return &answer{t, "the rent", resp.StatusCode, resp.Header, data}
}
