package contract_test

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/contract"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

func spec(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := api.GetSpec()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func operations(t *testing.T) []contract.Operation {
	t.Helper()
	list, err := contract.Fidelity(spec(t))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// The table, the contract and the routes name the same operations: Fidelity
// refuses a table that does not fit the contract, and the routes are compared here.
func TestEveryOperationHasARouteAndNoRouteIsSurplus(t *testing.T) {
	t.Parallel()
	e := echo.New()
	sandboxes, err := store.Open(store.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := api.Register(e, api.Config{Store: sandboxes, Wall: time.Now}); err != nil {
		t.Fatal(err)
	}
	var routes, wanted []string
	parameter := regexp.MustCompile(`:(\w+)`)
	for _, r := range e.Routes() {
		routes = append(routes, r.Method+" "+parameter.ReplaceAllString(r.Path, "{$1}"))
	}
	for _, op := range operations(t) {
		wanted = append(wanted, op.Method+" "+api.BasePath+op.Path)
	}
	slices.Sort(routes)
	slices.Sort(wanted)
	if !slices.Equal(routes, wanted) {
		t.Errorf("the routes are\n%s\nwant those of the contract:\n%s", strings.Join(routes, "\n"), strings.Join(wanted, "\n"))
	}
}

func TestATableThatDoesNotFitTheContractIsRefused(t *testing.T) {
	t.Parallel()
	more := spec(t)
	more.Paths.Find("/account").Get.OperationID = "getPurse"
	if _, err := contract.Fidelity(more); err == nil || !strings.Contains(err.Error(), "getPurse (GET /account)") {
		t.Errorf("an operation that the table lacks: %v", err)
	}
	less := spec(t)
	less.Paths.Delete("/account")
	if _, err := contract.Fidelity(less); err == nil || !strings.Contains(err.Error(), "getAccount") {
		t.Errorf("an operation that the contract lacks: %v", err)
	}
}

func TestOperationsSayWhereTheyComeFrom(t *testing.T) {
	t.Parallel()
	list := operations(t)
	for _, op := range list {
		if op.Source != "documented" && op.Source != "inferred" || op.Summary == "" {
			t.Errorf("%s: source %q, summary %q", op.ID, op.Source, op.Summary)
		}
		if op.Depth.Meaning() == "" || (op.Depth == contract.Partial) != (op.Missing != "") {
			t.Errorf("%s: depth %q with the note %q; partial ones, and only they, have one", op.ID, op.Depth, op.Missing)
		}
	}
	i := slices.IndexFunc(list, func(op contract.Operation) bool { return op.ID == "setAutoRenew" })
	// The instance's id is inferred, the switch documented; the answer is a whole instance.
	if got := list[i].Request; got != (contract.Sources{Documented: 1, Inferred: 1}) {
		t.Errorf("the request of setAutoRenew has the fields %+v", got)
	}
	if got := list[i].Answer; got.Documented < 10 || got.Inferred < 10 || got.Documented+got.Inferred != 34 {
		t.Errorf("the answer of setAutoRenew has the fields %+v, want 24 of an instance, 5 of its host and 5 of its connection", got)
	}
	i = slices.IndexFunc(list, func(op contract.Operation) bool { return op.ID == "getInvoice" })
	if got := list[i].Answer; got != (contract.Sources{Inferred: 1}) {
		t.Errorf("the invoice has the fields %+v, want its text", got)
	}
}

func TestFidelityIsServed(t *testing.T) {
	t.Parallel()
	home := strings.TrimSuffix(simtest.New(t).Endpoint, "/api")
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, tc := range []struct{ path, accept, kind string }{
		{"/fidelity", browser, "text/html"},
		{"/fidelity", "", "text/html"},
		{"/fidelity", "application/json", "application/json"},
		{"/fidelity.json", browser, "application/json"},
		{"/fidelity.css", "", "text/css"},
	} {
		resp, body := get(t, home+tc.path, "Accept", tc.accept)
		if resp.StatusCode != 200 || !strings.HasPrefix(resp.Header.Get("Content-Type"), tc.kind) {
			t.Errorf("%s for %q is %s %s", tc.path, tc.accept, resp.Status, resp.Header.Get("Content-Type"))
		}
		switch tc.kind {
		case "text/html":
			for _, op := range operations(t) {
				if !strings.Contains(body, `<tr id="`+op.ID+`">`) || !strings.Contains(body, op.Path) {
					t.Errorf("the page lacks %s", op.ID)
				}
			}
			if policy := resp.Header.Get("Content-Security-Policy"); strings.Contains(body, "<script") || !strings.Contains(policy, "default-src 'none'") {
				t.Errorf("the page should need no script; its policy is %q", policy)
			}
		case "application/json":
			var got struct {
				Depths     map[contract.Depth]string
				Operations []contract.Operation
			}
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatal(err)
			}
			if len(got.Depths) != 3 || !slices.Equal(got.Operations, operations(t)) {
				t.Errorf("the JSON has %v and %d operations", got.Depths, len(got.Operations))
			}
		}
	}
}

// get sends a request with one header, if any.
func get(t *testing.T, url, header, value string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if value != "" {
		req.Header.Set(header, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}
