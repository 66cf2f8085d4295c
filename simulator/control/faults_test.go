package control_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
)

func TestTheLifeOfAFault(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := func() int {
		w.prepare = func(r *http.Request) { r.Header.Set("Authorization", "Bearer the-first-key") }
		defer func() { w.prepare = func(*http.Request) {} }()
		return w.send("GET", "/api/account", "").Code
	}
	var one fault.Report
	w.is(w.send("POST", "/_sim/faults", `{"name":"mine","operation":"getAccount","kind":"status","code":503,"from":2}`), 201, &one)
	if one.ID != "flt_1" || one.Name != "mine" || one.Phase != fault.Before || *one.Remaining != 1 {
		t.Errorf("added it is %+v", one)
	}
	var more []fault.Report
	w.is(w.send("POST", "/_sim/faults", `[{"kind":"reset","operation":"getInvoice","times":-1},{"kind":"empty"}]`), 201, &more)
	if len(more) != 2 || more[0].Remaining != nil || more[1].ID != "flt_3" {
		t.Errorf("added they are %+v", more)
	}
	w.is(w.send("DELETE", "/_sim/faults/flt_3", ""), 200, &one)

	if got := fmt.Sprint(account(), account(), account()); got != "200 503 200" {
		t.Errorf("the account is answered %s", got)
	}
	list := w.send("GET", "/_sim/faults", "")
	want := `[{"id":"flt_1","seen":3,"fired":1,"remaining":0,"name":"mine","operation":"getAccount","from":2,"times":1,"phase":"before","kind":"status","code":503},` +
		`{"id":"flt_2","seen":0,"fired":0,"remaining":null,"operation":"getInvoice","from":1,"times":-1,"phase":"before","kind":"reset"}]`
	if got := strings.TrimSpace(list.Body.String()); list.Code != 200 || got != want {
		t.Errorf("the list is %d %s", list.Code, got)
	}
	if w.is(w.send("GET", "/_sim/faults/flt_1", ""), 200, &one); one.Fired != 1 {
		t.Errorf("it is %+v", one)
	}
	if w.is(w.send("POST", "/_sim/faults/reset", ""), 200, &more); len(more) != 2 || more[0].Fired != 0 || *more[0].Remaining != 1 {
		t.Errorf("reset they are %+v", more)
	}
	if got := fmt.Sprint(account(), account()); got != "200 503" {
		t.Errorf("after the reset the account is answered %s", got)
	}
	if w.is(w.send("DELETE", "/_sim/faults", ""), 200, &more); len(more) != 2 || more[0].Fired != 1 {
		t.Errorf("cleared are %+v", more)
	}
	if w.is(w.send("GET", "/_sim/faults", ""), 200, &more); len(more) != 0 {
		t.Errorf("left are %+v", more)
	}
	w.refused(w.send("GET", "/_sim/faults/flt_1", ""), 404, "not_found")
	w.refused(w.send("DELETE", "/_sim/faults/flt_1", ""), 404, "not_found")
}

func TestFaultsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for body, want := range map[string]string{
		`{"kind":"flood"}`:                             `"kind":["\"flood\" is no kind of fault: use one of `,
		`{"kind":"reset","operation":"rent"}`:          `"operation":["\"rent\" is no operation: use one of `,
		`[{"kind":"reset"},{"kind":"reset","code":1}]`: `"1.code":["is nothing that reset has`,
	} {
		answer := w.send("POST", "/_sim/faults", body)
		if w.refused(answer, 422, "validation"); !strings.Contains(answer.Body.String(), want) {
			t.Errorf("%s is refused with %s", body, answer.Body)
		}
	}
	answer := w.send("POST", "/_sim/faults", `{"kind":`)
	if w.refused(answer, 400, "bad_request"); !strings.Contains(answer.Body.String(), "The body is no JSON: it has to be a plan, or an array of plans.") {
		t.Errorf("half a plan is refused with %s", answer.Body)
	}
	w.refused(w.send("POST", "/_sim/faults", ``), 400, "bad_request")
	if n := len(w.sim.Sandbox.Faults.List()); n != 0 {
		t.Errorf("%d faults were added all the same", n)
	}
}
