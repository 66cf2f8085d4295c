package control_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/dialect"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// invalid checks that exactly these fields were refused.
func (w *world) invalid(method, path, body string, fields ...string) {
	w.t.Helper()
	var refusal struct {
		Code   string
		Errors map[string][]string
	}
	w.is(w.send(method, path, body), 422, &refusal)
	var got []string
	for field := range refusal.Errors {
		got = append(got, field)
	}
	slices.Sort(got)
	slices.Sort(fields)
	if refusal.Code != "validation" || !slices.Equal(got, fields) {
		w.t.Errorf("%s is refused for %v, want %v", body, refusal.Errors, fields)
	}
}

// as sends a request to the API with a key of a sandbox.
func (w *world) as(key, method, path, body string) (status int, answer string) {
	w.t.Helper()
	was := w.prepare
	defer func() { w.prepare = was }()
	w.prepare = func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+key) }
	a := w.send(method, "/api"+path, body)
	return a.Code, a.Body.String()
}

// rent rents a machine by a key and returns its id.
func (w *world) rent(key, name string) string {
	w.t.Helper()
	var offers struct{ Data []struct{ ID string } }
	_, list := w.as(key, "GET", "/gpu-instances/offers?sort=price&per_page=1", "")
	if err := json.Unmarshal([]byte(list), &offers); err != nil || len(offers.Data) != 1 {
		w.t.Fatalf("the offers are %s: %v", list, err)
	}
	status, made := w.as(key, "POST", "/gpu-instances", `{"name":"`+name+`","offer_id":"`+offers.Data[0].ID+`","os":"linux","gpu_count":1,"storage_gb":10,"rental_hours":10}`)
	var inst struct{ ID string }
	if err := json.Unmarshal([]byte(made), &inst); err != nil || status != 201 {
		w.t.Fatalf("renting is answered %d %s", status, made)
	}
	return inst.ID
}

func (w *world) sandbox(body string) (made control.Sandbox) {
	w.t.Helper()
	w.is(w.send("POST", "/_sim/sandboxes", body), 201, &made)
	return made
}

func TestTheLifeOfASandbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.sandbox(`{"name":"ci","seed":7,"credits":"25.5","clock":"frozen","api_key":"key-of-the-second"}`)
	if made.ID != "sbx_2" || made.APIKey != "key-of-the-second" || made.Balance.String() != "25.5" || !made.Now.Equal(engine.Epoch) || made.Instances != 0 {
		t.Errorf("made it is %+v", made)
	}
	id := w.rent(made.APIKey, "trainer")

	var shown control.Sandbox
	if w.is(w.send("GET", "/_sim/sandboxes/sbx_2", ""), 200, &shown); shown.APIKey != "" || shown.Instances != 1 || shown.Name != "ci" || shown.Seed != 7 || shown.Balance >= made.Balance {
		t.Errorf("it is shown as %+v", shown)
	}
	var all []control.Sandbox
	if w.is(w.send("GET", "/_sim/sandboxes", ""), 200, &all); len(all) != 2 || all[0].ID != "sbx_1" || all[1].ID != "sbx_2" {
		t.Errorf("there are %+v", all)
	}

	var fork control.Sandbox
	w.is(w.send("POST", "/_sim/sandboxes/sbx_2/fork", `{"name":"what if"}`), 201, &fork)
	if fork.ID != "sbx_3" || fork.Name != "what if" || fork.Instances != 1 || fork.Balance != shown.Balance || fork.APIKey == "" {
		t.Errorf("the fork is %+v", fork)
	}
	if status, _ := w.as(fork.APIKey, "DELETE", "/gpu-instances/"+id, ""); status != 202 {
		t.Errorf("in the fork the machine is deleted with %d", status)
	}

	var reset control.Sandbox
	if w.is(w.send("POST", "/_sim/sandboxes/sbx_2/reset", ""), 200, &reset); reset.Instances != 0 || reset.Balance != made.Balance || !w.enters(made.APIKey) {
		t.Errorf("reset it is %+v", reset)
	}
	if answer := w.send("DELETE", "/_sim/sandboxes/sbx_2", ""); answer.Code != 204 || w.enters(made.APIKey) {
		t.Errorf("deleted with %d, its key enters: %v", answer.Code, w.enters(made.APIKey))
	}
	for _, request := range []string{"GET /_sim/sandboxes/sbx_2", "DELETE /_sim/sandboxes/sbx_2", "POST /_sim/sandboxes/sbx_2/reset", "POST /_sim/sandboxes/sbx_2/fork", "GET /_sim/clock?sandbox=sbx_2"} {
		method, path, _ := strings.Cut(request, " ")
		w.refused(w.send(method, path, ""), 404, "not_found")
	}
	// The last one may go, too; a new one comes out of nothing.
	w.send("DELETE", "/_sim/sandboxes/sbx_1", "")
	w.send("DELETE", "/_sim/sandboxes/sbx_3", "")
	w.refused(w.send("GET", "/_sim/clock", ""), 404, "not_found")
	if fresh := w.sandbox(""); fresh.ID != "sbx_4" || fresh.Balance.String() != "100" || fresh.Clock != "real" || !w.enters(fresh.APIKey) {
		t.Errorf("made of nothing it is %+v", fresh)
	}
}

func TestASandboxShowsItsSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.sandbox(`{"market":{"hosts":12,"models":["RTX 4090"],"countries":["DE","FI"],"occupied":30},
		"timings":{"pending":"0s","provisioning":"1m30s"},"rate_limit":{"requests":5},"idempotency":false,"duplicate_names":true,
		"refund_on_delete":true,"failed_renewal":"stop","dialect":"bare-arrays+html-errors"}`)
	if m := got.Market; m.Hosts != 12 || !slices.Equal(m.Models, []string{"RTX 4090"}) || !slices.Equal(m.Countries, []string{"DE", "FI"}) || m.Occupied != 30 {
		t.Errorf("the market is %+v", m)
	}
	if got.Timings != (control.Timings{Pending: "0s", Provisioning: "1m30s", Stopping: "1s", Starting: "2s", Deleting: "1s"}) {
		t.Errorf("the timings are %+v", got.Timings)
	}
	if *got.RateLimit != (control.RateLimit{Requests: 5, Per: "1m0s"}) || got.Idempotency || !got.DuplicateNames || !got.RefundOnDelete || got.FailedRenewal != "stop" {
		t.Errorf("the settings are %+v", got.Settings)
	}
	if got.Dialect != (dialect.Dialect{Lists: dialect.ListBare, Errors: dialect.ErrorHTML}) {
		t.Errorf("the dialect is %+v", got.Dialect)
	}
	if strict := w.sandbox(`{"strict":true,"dialect":{"lists":"bare"}}`); *strict.RateLimit != (control.RateLimit{Requests: 60, Per: "1m0s"}) || strict.Dialect.Lists != dialect.ListBare || !strict.Idempotency || strict.FailedRenewal != "terminate" {
		t.Errorf("the strict one is %+v", strict.Settings)
	}
	// What it shows makes the same one again.
	settings, err := json.Marshal(got.Settings)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := json.Marshal(w.sandbox(string(settings)).Settings)
	if string(again) != string(settings) {
		t.Errorf("%s was made again as %s", settings, again)
	}
}

func TestSandboxesThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.invalid("POST", "/_sim/sandboxes", `{"name":7,"seed":-1,"credits":"lots","clock":"sundial","market":{"hosts":-1,"models":["RTX 1"],"countries":["XX"],"occupied":101,"size":3},
		"timings":{"pending":"-1s","provisioning":5,"stopping":"soon","starting":"2562000h"},"rate_limit":{"requests":0,"per":"-1m"},"strict":"yes","idempotency":1,
		"failed_renewal":"explode","dialect":"klingon","api_key":"short","colour":"red"}`,
		"name", "seed", "credits", "clock", "market.hosts", "market.models", "market.countries", "market.occupied", "market.size",
		"timings.pending", "timings.provisioning", "timings.stopping", "timings.starting", "rate_limit.requests", "rate_limit.per", "strict", "idempotency",
		"failed_renewal", "dialect", "api_key", "colour")
	w.invalid("POST", "/_sim/sandboxes", `{"name":"a\u001b[31m"}`, "name")
	w.invalid("POST", "/_sim/sandboxes", `{"credits":"4611686018428"}`, "credits")
	w.invalid("POST", "/_sim/sandboxes", `{"credits":"-1","market":[],"strict":true,"rate_limit":{"requests":1},"dialect":{"lists":"round"}}`, "credits", "market", "strict", "dialect")
	w.invalid("POST", "/_sim/sandboxes", `{"dialect":{"tongue":"forked"},"name":"`+strings.Repeat("x", 64)+`"}`, "dialect", "name")
	w.invalid("POST", "/_sim/sandboxes", `{"api_key":"the-first-key"}`, "api_key")
	w.invalid("POST", "/_sim/sandboxes/sbx_1/fork", `{"api_key":"the-first-key"}`, "api_key")
	w.invalid("POST", "/_sim/sandboxes/sbx_1/fork", `{"seed":1}`, "seed")
	w.refused(w.send("POST", "/_sim/sandboxes", `{"name":`), 400, "bad_request")
	w.refused(w.send("POST", "/_sim/sandboxes", `[]`), 400, "bad_request")
	if w.sim.Store.Len() != 1 {
		t.Errorf("there are %d sandboxes", w.sim.Store.Len())
	}
	w.prepare = func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }
	w.refused(w.send("POST", "/_sim/sandboxes", `{}`), 415, "bad_request")
}

func TestSnapshots(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.rent("the-first-key", "trainer")
	answer := w.send("GET", "/_sim/snapshot", "")
	document := answer.Body.String()
	if got := answer.Header().Get("Content-Disposition"); answer.Code != 200 || got != `attachment; filename="sbx_1-20260101T000000Z.json"` {
		t.Fatalf("the snapshot is answered %d, %s", answer.Code, got)
	}
	if strings.Contains(document, "the-first-key") {
		t.Error("the snapshot has a secret")
	}

	second := w.sandbox(`{"name":"copy","snapshot":` + document + `}`)
	if status, _ := w.as(second.APIKey, "GET", "/gpu-instances/"+id, ""); status != 200 || second.Instances != 1 || second.Name != "copy" {
		t.Errorf("made of a snapshot it is %+v, and its machine is answered %d", second, status)
	}
	w.as("the-first-key", "DELETE", "/gpu-instances/"+id, "")
	w.is(w.send("POST", "/_sim/clock/advance", `{"by":"1h"}`), 200, &control.Clock{})
	if status, _ := w.as("the-first-key", "GET", "/gpu-instances/"+id, ""); status != 404 {
		t.Fatalf("the deleted machine is answered %d", status)
	}
	var restored control.Sandbox
	w.is(w.send("PUT", "/_sim/snapshot", document), 200, &restored)
	if status, _ := w.as("the-first-key", "GET", "/gpu-instances/"+id, ""); status != 200 || restored.ID != "sbx_1" || !restored.Now.Equal(engine.Epoch) {
		t.Errorf("restored it is %+v, and its machine is answered %d", restored, status)
	}

	newer := strings.Replace(document, `"version":2`, `"version":99`, 1)
	w.invalid("PUT", "/_sim/snapshot", `{}`, "snapshot")
	w.invalid("PUT", "/_sim/snapshot", newer, "snapshot")
	w.invalid("PUT", "/_sim/snapshot", `{"format":7}`, "snapshot")
	misspelt := strings.Replace(document, `"instances":`, `"instance":`, 1) // it would have none
	w.invalid("PUT", "/_sim/snapshot", misspelt, "snapshot")
	w.invalid("PUT", "/_sim/snapshot", document+"{}", "snapshot")
	w.invalid("PUT", "/_sim/snapshot", strings.Replace(document, `"version":2`, `"version":0`, 1), "snapshot")
	w.invalid("POST", "/_sim/sandboxes", `{"snapshot":`+misspelt+`}`, "snapshot")
	w.invalid("POST", "/_sim/sandboxes", `{"snapshot":`+newer+`}`, "snapshot")
	w.invalid("POST", "/_sim/sandboxes", `{"snapshot":`+document+`,"seed":3,"clock":"real"}`, "seed", "clock")
	long := `{"format":"` + strings.Repeat("x", 2<<20) + `"}` // a snapshot may be longer than other bodies
	w.invalid("PUT", "/_sim/snapshot", long, "snapshot")
	w.refused(w.send("POST", "/_sim/credits", long), 413, "payload_too_large")
}

func TestLedgerCreditsAndBill(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.rent("the-first-key", "trainer")
	var entry control.Entry
	if w.is(w.send("POST", "/_sim/credits", `{"amount":"12.25","description":"pocket money"}`), 201, &entry); entry.Amount.String() != "12.25" || entry.Type != engine.EntryPayment || entry.Description != "pocket money" {
		t.Errorf("topped up with %+v", entry)
	}
	var ledger control.Ledger
	w.is(w.send("GET", "/_sim/ledger", ""), 200, &ledger)
	if len(ledger.Entries) != 3 || ledger.Entries[1].InstanceID != id || ledger.Entries[2] != entry || ledger.Balance != entry.BalanceAfter {
		t.Errorf("the ledger is %+v", ledger)
	}
	var bill control.Bill
	w.is(w.send("GET", "/_sim/bill", ""), 200, &bill)
	if len(bill.Items) != 1 || bill.Items[0].Cost != -ledger.Entries[1].Amount || bill.Total != bill.Items[0].Cost || bill.Balance != ledger.Balance ||
		len(bill.StillRented) != 1 || bill.StillRented[0].ID != id || bill.StillRented[0].Name != "trainer" {
		t.Errorf("the bill is %+v", bill)
	}
	for body, field := range map[string]string{
		`{}`: "amount", `{"amount":"0"}`: "amount", `{"amount":"-3"}`: "amount", `{"amount":"much"}`: "amount", `{"amount":"1","currency":"EUR"}`: "currency",
		`{"amount":"4611686018400"}`: "amount", `{"amount":"1","description":4}`: "description",
	} {
		w.invalid("POST", "/_sim/credits", body, field)
	}
}
