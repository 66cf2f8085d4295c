package control_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/dialect"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/journal"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

const firstKey = "the-first-key"

func (w *world) requests(query string) (list []control.Request) {
	w.t.Helper()
	w.is(w.send("GET", "/_sim/requests"+query, ""), 200, &list)
	return list
}

func (w *world) last() control.Request {
	w.t.Helper()
	list := w.requests("?limit=1")
	if len(list) != 1 {
		w.t.Fatal("there are no requests")
	}
	return list[0]
}

func TestRequestsAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.as("no-such-key", "GET", "/account", "") // is nobody's
	w.prepare = func(r *http.Request) { r.Header.Set("X-Request-ID", "mine") }
	w.advanced(`{"by":"1h"}`) // is not the API's
	w.prepare = func(*http.Request) {}
	id := w.rent(firstKey, "trainer")
	if got := w.requests(""); len(got) != 2 || got[0].Number != 1 || got[1].Number != 2 {
		t.Fatalf("the requests are %+v", got)
	}
	offers, create := w.requests("")[0], w.requests("")[1]
	if offers.Method != "GET" || offers.Path != "/api/gpu-instances/offers" || offers.Query != "sort=price&per_page=1" || offers.Operation != "listOffers" || offers.Status != 200 {
		t.Errorf("the list is kept as %+v", offers)
	}
	if create.Operation != "createInstance" || create.Status != 201 || !strings.Contains(create.Body, `"name":"trainer"`) || !strings.Contains(create.Answer, id) || create.BodyCut || create.AnswerCut {
		t.Errorf("the create is kept as %+v", create)
	}
	if !create.At.Equal(engine.Epoch.Add(time.Hour)) || create.Wall.IsZero() || create.RequestID == "" || create.Took == "" {
		t.Errorf("the create is kept as %+v", create)
	}
	if create.Headers.Get("Authorization") != "[redacted]" || create.Headers.Get("Content-Type") != "application/json" {
		t.Errorf("the headers are kept as %v", create.Headers)
	}

	w.as(firstKey, "GET", "/gpu-instances/ins_0", "")
	w.as(firstKey, "DELETE", "/account", "")
	w.as(firstKey, "POST", "/ssh-keys", `{"name":`)
	for query, want := range map[string][]int64{
		"": {1, 2, 3, 4, 5}, "?operation=createInstance": {2}, "?method=get": {1, 3}, "?path=/api/gpu-instances": {2}, "?path=/api/gpu-instances/*": {1, 3},
		"?status=404": {3}, "?status=4xx": {3, 4, 5}, "?status=2xx&method=POST": {2}, "?since=3": {4, 5}, "?limit=2": {4, 5}, "?since=1&limit=1": {5},
		"?fault=flt_1": nil, "?status=0": nil, "?since=99": nil,
	} {
		var got []int64
		for _, r := range w.requests(query) {
			got = append(got, r.Number)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q lets %v through, want %v", query, got, want)
		}
	}
	for query, field := range map[string]string{"?status=lost": "status", "?status=999": "status", "?since=-1": "since", "?limit=0": "limit", "?path=[": "path", "?verb=GET": "verb", "?operation=createinstance": "operation"} {
		w.invalid("GET", "/_sim/requests"+query, "", field)
	}
	if answer := w.send("DELETE", "/_sim/requests", ""); answer.Code != 204 || len(w.requests("")) != 0 {
		t.Errorf("cleared with %d there are %v", answer.Code, w.requests(""))
	}
	w.as(firstKey, "GET", "/account", "")
	if got := w.last(); got.Number != 6 {
		t.Errorf("after a clear numbers go on with %d", got.Number)
	}
	w.send("POST", "/_sim/sandboxes/sbx_1/reset", "")
	if got := w.requests(""); len(got) != 0 {
		t.Errorf("after a reset there are %v", got)
	}
}

// However a client spells its key, and wherever it puts it, the requests do not show it.
func TestRequestsDoNotShowTheKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sent := func(path, body string) {
		w.prepare = func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer "+firstKey)
			r.Header.Set("X-Request-ID", firstKey)
			r.Header.Set("Referer", "https://a.example/?k=the%2Dfirst%2dkey")
		}
		w.send("POST", path, body)
		w.prepare = func(*http.Request) {}
	}
	sent("/api/ssh-keys/the%252Dfirst-key?k=the%2dfirst-key", `{"name":"the\u002dfirst-key"}`)
	sent("/api/gpu-instances?"+strings.Repeat("x", 4<<10-len("k=the-fi"))+"k="+firstKey, `{"name":"the-first\u002Dkey"}`)
	data := w.send("GET", "/_sim/requests", "").Body.String()
	for _, beginning := range []string{"the-fi", "the%", `the\`} {
		if strings.Contains(data, beginning) {
			t.Errorf("%s is in %s", beginning, strings.ReplaceAll(data, "xx", ""))
		}
	}
	if got := w.last(); got.Number != 2 || got.RequestID != "[redacted]" || got.Body != `{"name":"[redacted]"}` {
		t.Errorf("it is kept as %+v", got)
	}
}

// The journal sees what really went out, also where a fault was at work.
func TestRequestsThatAFaultHit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := httptest.NewServer(w.sim)
	defer server.Close()
	entries := w.sim.Sandbox.Journal.Subscribe(journal.Newest) // the client may know sooner than the journal
	defer entries.Close()
	hit := func(plan fault.Plan, key string) (got control.Request) {
		t.Helper()
		plan.Operation = "createSshKey"
		planned, err := w.sim.Sandbox.Faults.Add(plan)
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+"/api/ssh-keys", strings.NewReader(`{"name":"laptop","public_key":"`+key+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+firstKey)
		req.Header.Set("Content-Type", "application/json")
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
		}
		<-entries.Entries
		id := planned.Report().ID
		list := w.requests("?fault=" + id)
		if len(list) != 1 || list[0].Fault != id || !strings.Contains(list[0].Body, key) || list[0].Operation != "createSshKey" || list[0].Hint != "" {
			t.Fatalf("of fault %s there is kept %+v", id, list)
		}
		return list[0]
	}
	if got := hit(fault.Plan{Effect: fault.Reset{}}, "nonsense"); got.Status != 0 || got.Answer != "" {
		t.Errorf("a reset is kept as %+v", got)
	}
	if got := hit(fault.Plan{Phase: fault.After, Effect: fault.Truncate{Keep: 5}}, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"); got.Status != 201 || got.Answer != `{"cre` {
		t.Errorf("a truncated answer is kept as %+v", got)
	}
	if got := hit(fault.Plan{Effect: fault.Status{Code: 502, Body: "Bad Gateway"}}, "nonsense"); got.Status != 502 || got.Answer != "Bad Gateway" {
		t.Errorf("a bad gateway is kept as %+v", got)
	}
}

func TestSecretsAreNotInTheJournal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.prepare = func(r *http.Request) { r.Header.Set("Cookie", "session=HUNTER2") }
	w.as(firstKey, "POST", "/gpu-instances", `{"name":"win","os":"windows","password":"HUNTER2"}`)
	w.as(firstKey, "POST", "/gpu-instances?api_key=HUNTER2", `{"name":"`+firstKey+`","password":"HUNTER2`)
	w.as(firstKey, "GET", "/gpu-instances/"+firstKey, "")
	w.as(firstKey, "POST", "/nothing", `{"deep":[{"Secret":{"a":"HUNTER2"}}]}`)
	w.prepare = func(r *http.Request) { r.Header.Del("Authorization"); r.Header.Set("X-API-Key", firstKey) }
	w.send("GET", "/api/account", "")
	w.prepare = func(*http.Request) {}
	kept := w.send("GET", "/_sim/requests", "").Body.String()
	if n := len(w.requests("")); n != 5 || strings.Contains(kept, "HUNTER2") || strings.Contains(kept, firstKey) {
		t.Errorf("of %d requests there is kept: %s", n, kept)
	}
}

// Because it is so, the journal need not look into answers that are no refusals.
func TestNoAnswerOfTheContractHasASecret(t *testing.T) {
	t.Parallel()
	spec, err := api.GetSpec()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[*openapi3.Schema]bool{}
	var walk func(where string, s *openapi3.SchemaRef)
	walk = func(where string, s *openapi3.SchemaRef) {
		if s == nil || seen[s.Value] {
			return
		}
		seen[s.Value] = true
		for name, property := range s.Value.Properties {
			if slices.Contains([]string{"password", "secret", "api_key"}, strings.ToLower(name)) {
				t.Errorf("%s has the field %s: redact answers, too", where, name)
			}
			walk(where, property)
		}
		walk(where, s.Value.Items)
		for _, part := range slices.Concat(s.Value.AllOf, s.Value.AnyOf, s.Value.OneOf) {
			walk(where, part)
		}
	}
	for path, item := range spec.Paths.Map() {
		for method, operation := range item.Operations() {
			for status, response := range operation.Responses.Map() {
				for _, content := range response.Value.Content {
					walk(method+" "+path+" "+status, content.Schema)
				}
			}
		}
	}
	if len(seen) < 20 {
		t.Errorf("only %d schemas were looked at", len(seen))
	}
}

func TestLongBodiesAreCut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.as(firstKey, "POST", "/ssh-keys", `{"name":"`+strings.Repeat("x", 40_000)+`"}`)
	if got := w.last(); got.Status != 422 || len(got.Body) != 16<<10 || !got.BodyCut || got.AnswerCut {
		t.Errorf("the long request, answered %d, is kept as %d bytes, cut %v", got.Status, len(got.Body), got.BodyCut)
	}
	w.as(firstKey, "GET", "/gpu-instances/offers?per_page=100", "")
	if got := w.last(); got.Status != 200 || len(got.Answer) != 16<<10 || !got.AnswerCut {
		t.Errorf("the long answer is kept as %d bytes, cut %v", len(got.Answer), got.AnswerCut)
	}
}

func TestHints(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.rent(firstKey, "trainer")
	var offers []engine.Offer
	w.sim.Sandbox.View(func(world *engine.World) {
		for _, o := range world.Offers(func(*engine.Offer) bool { return true }) {
			offers = append(offers, *o)
		}
	})
	spec := `"offer_id":"` + offers[0].ID + `","gpu_count":1,"storage_gb":10,"rental_hours":1`
	for request, want := range map[string]string{
		"GET /gpu-instance":                                                          "the nearest path is /api/gpu-instances, which takes GET, POST",
		"GET /v1/gpu-instances":                                                      "the nearest path is /api/gpu-instances, which takes GET, POST",
		"POST /gpu-instances/" + id + "/halt":                                        "the nearest path is /api/gpu-instances/{instance_id}/start, which takes POST",
		"PUT /gpu-instances/" + id:                                                   "/api/gpu-instances/{instance_id} takes DELETE, GET, PATCH",
		"GET /sshkeys/key_1":                                                         "the nearest path is /api/ssh-keys/{ssh_key_id}, which takes DELETE, GET, PATCH",
		"GET /gpu-instances/" + id + "x":                                             "the nearest instance is " + id + " (trainer)",
		"POST /gpu-instances/trainer/stop":                                           `"trainer" is the name of the instance ` + id,
		"DELETE /ssh-keys/key_1":                                                     "this sandbox, sbx_1, has no SSH key",
		"GET /gpu-instances/offers/" + offers[7].ID[:len(offers[7].ID)-1]:            "the nearest offer is " + offers[7].ID,
		"GET /transactions/txn_9/invoice":                                            "the nearest transaction is txn_00000001",
		"GET /gpu-instances?status=runing":                                           `status "runing": is "running" meant?`,
		`POST /gpu-instances {"name":"a","os":"linx",` + spec + `}`:                  `os "linx": is "linux" meant?`,
		`POST /gpu-instances {"name":"a","operating_system":"linux",` + spec + `}`:   `"operating_system" is no field of createInstance: is "os" meant?`,
		`POST /gpu-instances {"nam":"a","os":"linux","autorenew":true,` + spec + `}`: `"autorenew" is no field of createInstance: is "auto_renew" meant?; "nam" is no field of createInstance: is "name" meant?`,
		`POST /gpu-instances {"name":"a","os":"linux","gpu_count":1,"storage_gb":10,"rental_hours":1,"offer_id":"` + offers[3].ID + `0"}`: "the nearest offer is " + offers[3].ID,
		`POST /gpu-instances {"name":"","os":"linux",` + spec + `}`:                                                                       "",
		// To look for what is like it would take seconds.
		`POST /gpu-instances {"name":"a","os":"linux","gpu_count":1,"storage_gb":10,"rental_hours":1,"offer_id":"` + offers[3].ID + strings.Repeat("0", 1000) + `"}`: "",
		"GET /account": "",
	} {
		method, path, _ := strings.Cut(request, " ")
		path, body, _ := strings.Cut(path, " ")
		w.as(firstKey, method, path, body)
		got := w.last()
		if got.Hint != want {
			t.Errorf("%s, answered %d, has the hint %q, want %q", request, got.Status, got.Hint, want)
		}
	}
	w.as(firstKey, "DELETE", "/gpu-instances/"+id, "")
	w.advanced(`{"by":"1h"}`)
	w.as(firstKey, "GET", "/gpu-instances/"+id, "")
	if got := w.last(); got.Hint != "the instance "+id+" was here and has been deleted" {
		t.Errorf("a deleted machine has the hint %q", got.Hint)
	}
}

// Where ids travel as numbers, and words have other spellings, a request is read
// with them.
func TestHintsInADialect(t *testing.T) {
	t.Parallel()
	spoken, err := dialect.Parse("numeric-ids+other-statuses")
	if err != nil {
		t.Fatal(err)
	}
	sim, err := simulator.New(simulator.Config{APIKey: firstKey, First: store.Settings{Clock: "frozen", Dialect: spoken}})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t, sim, func(*http.Request) {}}
	var offer engine.Offer
	sim.Sandbox.View(func(world *engine.World) {
		offer = *world.Offers(func(*engine.Offer) bool { return true })[0] // of several that are as near, the first is named
	})
	rent := `POST /gpu-instances {"name":"a","os":"linux","gpu_count":1,"storage_gb":10,"rental_hours":1,`
	for request, want := range map[string]string{
		rent + `"offer_id":` + offer.ID + `0}`:                  "the nearest offer is " + offer.ID,
		rent + `"offer_id":` + offer.ID + `,"ssh_key_ids":[5]}`: "this sandbox, sbx_1, has no SSH key",
		"GET /gpu-instances?status=shutting_down&per_page=0":    "",
	} {
		method, path, _ := strings.Cut(request, " ")
		path, body, _ := strings.Cut(path, " ")
		w.as(firstKey, method, path, body)
		if got := w.last(); got.Status != 422 || got.Hint != want {
			t.Errorf("%s, answered %d, has the hint %q, want %q", request, got.Status, got.Hint, want)
		}
	}
}

// stream reads the server-sent events of a simulator.
type stream struct {
	t     *testing.T
	resp  *http.Response
	lines *bufio.Scanner
}

func open(t *testing.T, url string, header ...string) *stream {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	s := &stream{t, resp, bufio.NewScanner(resp.Body)}
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" || s.next() != ": the requests of a sandbox, as they come\n" {
		t.Fatalf("the stream begins with %s, %v", resp.Status, resp.Header)
	}
	return s
}

// next is the next event as it came; empty at the end.
func (s *stream) next() (event string) {
	s.t.Helper()
	for s.lines.Scan() {
		if s.lines.Text() == "" {
			return event
		}
		event += s.lines.Text() + "\n"
	}
	return event
}

// request is the next event, which must be a request.
func (s *stream) request() (r control.Request) {
	s.t.Helper()
	event := s.next()
	var data string
	if n, err := fmt.Sscanf(event, "id: %d\nevent: request\n", &r.Number); n != 1 || err != nil {
		s.t.Fatalf("the event is %q", event)
	}
	id := r.Number
	_, data, _ = strings.Cut(event, "data: ")
	if err := json.Unmarshal([]byte(data), &r); err != nil || r.Number != id {
		s.t.Fatalf("the event is %q: %v", event, err)
	}
	return r
}

func TestRequestsAreStreamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := httptest.NewServer(w.sim)
	defer server.Close()
	url := server.URL + "/_sim/requests/stream"
	w.as(firstKey, "GET", "/account", "")
	w.as(firstKey, "GET", "/ssh-keys", "")

	fresh, resumed, all, some := open(t, url), open(t, url, "Last-Event-ID", "1"), open(t, url+"?since=0"), open(t, url+"?status=404&since=0")
	if got := resumed.request(); got.Number != 2 || got.Operation != "listSshKeys" {
		t.Errorf("resumed behind 1 it begins with %+v", got)
	}
	if a, b := all.request(), all.request(); a.Number != 1 || b.Number != 2 {
		t.Errorf("from the beginning it begins with %d and %d", a.Number, b.Number)
	}
	w.as(firstKey, "GET", "/gpu-instances/ins_0", "")
	for name, s := range map[string]*stream{"fresh": fresh, "resumed": resumed, "all": all, "some": some} {
		if got := s.request(); got.Number != 3 || got.Status != 404 || got.Hint == "" {
			t.Errorf("%s: the new one is %+v", name, got)
		}
	}
	// A sandbox that is deleted has no more requests.
	w.send("DELETE", "/_sim/sandboxes/sbx_1", "")
	if rest := fresh.next(); rest != "" {
		t.Errorf("after its sandbox the stream goes on with %q", rest)
	}
}

func TestAStreamShowsThatItLivesAndEndsWithTheSimulator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ending := make(chan struct{})
	e := echo.New()
	control.Register(e, control.Config{Store: w.sim.Store, Ending: ending, Heartbeat: time.Millisecond})
	server := httptest.NewServer(e)
	defer server.Close()
	s := open(t, server.URL+"/_sim/requests/stream")
	if got := s.next(); got != ": still here\n" {
		t.Errorf("it shows that it lives by %q", got)
	}
	close(ending)
	for got := s.next(); got != ""; got = s.next() {
		if got != ": still here\n" {
			t.Errorf("it says %q", got)
		}
	}
}
