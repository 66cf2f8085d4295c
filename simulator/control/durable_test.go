package control_test

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// With a data file everything that is made here outlives a restart, but for the
// journal.
func TestSandboxesOutliveARestart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sim.db")
	start := func() *world {
		t.Helper()
		sim, err := simulator.New(simulator.Config{APIKey: "the-first-key", First: store.Settings{Clock: "frozen"}, File: file, CheckAnswers: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := errors.Join(sim.Close(), sim.Misfits()); err != nil {
				t.Error(err)
			}
		})
		w := newWorld(t)
		w.sim = sim
		return w
	}
	w := start()
	made := w.sandbox(`{"name":"ci","clock":"frozen","api_key":"key-of-the-second"}`)
	id := w.rent(made.APIKey, "trainer")
	w.is(w.send("POST", "/_sim/clock/advance?sandbox=sbx_2", `{"until":{"instance":"trainer","status":"running"}}`), 200, &control.Clock{})
	w.is(w.send("POST", "/_sim/sandboxes/sbx_2/fork", `{"api_key":"key-of-the-fork"}`), 201, &control.Sandbox{})
	w.is(w.send("POST", "/_sim/sandboxes/sbx_2/reset", ""), 200, &control.Sandbox{})
	w.is(w.send("POST", "/_sim/credits?sandbox=sbx_2", `{"amount":"5"}`), 201, &control.Entry{})
	w.is(w.send("POST", "/_sim/faults?sandbox=sbx_3", `{"operation":"createInstance","kind":"fail_provisioning"}`), 201, &json.RawMessage{})
	if status, answer := w.as("key-of-the-fork", "POST", "/gpu-instances", `{}`); status != 422 { // it has nothing to strike
		t.Fatalf("a rental of nothing is answered %d %s", status, answer)
	}
	w.send("DELETE", "/_sim/sandboxes/sbx_1", "")
	if err := w.sim.Close(); err != nil {
		t.Fatal(err)
	}

	w = start()
	var all []control.Sandbox
	w.is(w.send("GET", "/_sim/sandboxes", ""), 200, &all)
	if len(all) != 2 || all[0].ID != "sbx_2" || all[0].Instances != 0 || all[0].Balance.String() != "105" || all[1].ID != "sbx_3" || all[1].Instances != 1 {
		t.Fatalf("after a restart there are %+v", all)
	}
	if faults := w.send("GET", "/_sim/faults?sandbox=sbx_3", "").Body.String(); !strings.Contains(faults, `"seen":1,"fired":0`) {
		t.Errorf("the fault that hit nothing is %s", faults)
	}
	if status, _ := w.as("key-of-the-fork", "GET", "/gpu-instances/"+id, ""); status != 200 || !w.enters("key-of-the-second") {
		t.Errorf("the fork's machine is answered %d", status)
	}
	if got := w.requests("?sandbox=sbx_3"); len(got) != 1 || got[0].Number != 1 {
		t.Errorf("the journal begins with %+v", got)
	}
}
