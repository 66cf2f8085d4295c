package control_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// world is a simulator and the request that is sent to it next.
type world struct {
	t       testing.TB
	sim     *simulator.Simulator
	prepare func(*http.Request)
}

func newWorld(t testing.TB) *world {
	t.Helper()
	sim, err := simulator.New(simulator.Config{APIKey: "the-first-key", First: store.Settings{Clock: "frozen", Credits: simulator.DefaultCredits}, CheckAnswers: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sim.Misfits(); err != nil {
			t.Error(err)
		}
	})
	return &world{t, sim, func(*http.Request) {}}
}

// send is a request from this machine, unless prepare says otherwise.
func (w *world) send(method, path, body string) *httptest.ResponseRecorder {
	w.t.Helper()
	req := httptest.NewRequestWithContext(w.t.Context(), method, "http://127.0.0.1:8420"+path, strings.NewReader(body))
	req.RemoteAddr = "127.0.0.1:50000"
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	w.prepare(req)
	answer := httptest.NewRecorder()
	w.sim.ServeHTTP(answer, req)
	return answer
}

func (w *world) is(answer *httptest.ResponseRecorder, status int, into any) {
	w.t.Helper()
	if answer.Code != status || !strings.HasPrefix(answer.Header().Get("Content-Type"), "application/json") {
		w.t.Fatalf("answered %d %s, want %d as JSON", answer.Code, answer.Body, status)
	}
	if err := json.Unmarshal(answer.Body.Bytes(), into); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) refused(answer *httptest.ResponseRecorder, status int, code string) {
	w.t.Helper()
	var refusal struct{ Code, Message string }
	if w.is(answer, status, &refusal); refusal.Code != code || refusal.Message == "" {
		w.t.Errorf("refused with the code %q and %q, want the code %s", refusal.Code, refusal.Message, code)
	}
}

// enters tells whether the API lets a secret in.
func (w *world) enters(secret string) bool {
	w.t.Helper()
	was := w.prepare
	defer func() { w.prepare = was }()
	w.prepare = func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+secret) }
	return w.send("GET", "/api/account", "").Code == http.StatusOK
}

func TestTheLifeOfAKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var made control.Key
	w.is(w.send("POST", "/_sim/keys", `{"name":"ci"}`), 201, &made)
	if made.Name != "ci" || len(made.Secret) < 20 || !strings.HasSuffix(made.Secret, made.Hint) || made.RevokedAt != nil || !made.CreatedAt.Equal(engine.Epoch) {
		t.Errorf("the key is %+v", made)
	}
	if !w.enters(made.Secret) || !w.enters("the-first-key") {
		t.Fatal("a valid key is not let in")
	}

	list := w.send("GET", "/_sim/keys", "")
	if strings.Contains(list.Body.String(), made.Secret) || strings.Contains(list.Body.String(), "secret") {
		t.Errorf("the list shows a secret: %s", list.Body)
	}
	var keys []control.Key
	if w.is(list, 200, &keys); len(keys) != 2 || keys[0].Name != "default" || keys[1].ID != made.ID {
		t.Errorf("the keys are %+v", keys)
	}

	var revoked control.Key
	if w.is(w.send("DELETE", "/_sim/keys/"+made.ID, ""), 200, &revoked); revoked.RevokedAt == nil || revoked.Secret != "" {
		t.Errorf("revoked it is %+v", revoked)
	}
	if w.enters(made.Secret) {
		t.Error("a revoked key is let in")
	}
	if !w.enters("the-first-key") {
		t.Error("the other key is not let in any more")
	}
	w.refused(w.send("DELETE", "/_sim/keys/api_99", ""), 404, "not_found")
	// A revoked secret is not to be had again.
	w.refused(w.send("POST", "/_sim/keys", `{"name":"ci","secret":"`+made.Secret+`"}`), 422, "validation")
}

func TestSecretsAreStoredHashed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sim.Sandbox.View(func(world *engine.World) {
		for _, k := range world.APIKeys() {
			if k.Hash != engine.HashSecret("the-first-key") || k.Hint != "-key" {
				t.Errorf("the key is kept as %+v", k)
			}
		}
	})
}

func TestKeysThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for body, want := range map[string]int{
		`{}`:                                     422,
		`{"name":""}`:                            422,
		`{"name":"ci","secret":"short"}`:         422,
		`{"name":"ci","secret":"with a space"}`:  422,
		`{"name":"ci","secret":"the-first-key"}`: 422,
		`{"name":7}`:                             422,
		`{"name":"\u001b[31m"}`:                  422,
		`{"name":"ci","hint":"x"}`:               422,
		`{"name":`:                               400,
		`[]`:                                     400,
	} {
		code := map[int]string{422: "validation", 400: "bad_request"}[want]
		w.refused(w.send("POST", "/_sim/keys", body), want, code)
	}
	w.refused(w.send("POST", "/_sim/keys", `{"name":"`+strings.Repeat("x", 1<<20)+`"}`), 413, "payload_too_large")
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml"} {
		w.prepare = func(r *http.Request) { r.Header.Set("Content-Type", kind) }
		w.refused(w.send("POST", "/_sim/keys", `{"name":"ci"}`), 415, "bad_request")
		w.refused(w.send("POST", "/_sim/faults", `{"kind":"reset"}`), 415, "bad_request")
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.refused(w.send("GET", "/_sim", ""), 404, "not_found")
	w.refused(w.send("GET", "/_sim/nothing", ""), 404, "not_found")
	w.refused(w.send("PUT", "/_sim/keys", "{}"), 405, "method_not_allowed")
	w.refused(w.send("GET", "/_sim/keys/api_1", ""), 405, "method_not_allowed")
	w.refused(w.send("GET", "/nothing", ""), 404, "not_found")
}

// It needs no key, so only programs on this machine may use it.
func TestStrangersAndWebPagesAreKeptOut(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		prepare func(*http.Request)
		want    int
	}{
		"this machine":           {func(*http.Request) {}, 200},
		"over IPv6":              {func(r *http.Request) { r.RemoteAddr, r.Host = "[::1]:50000", "[::1]:8420" }, 200},
		"over IPv6, port 80":     {func(r *http.Request) { r.RemoteAddr, r.Host = "[::1]:50000", "[::1]" }, 200},
		"as localhost":           {func(r *http.Request) { r.Host = "localhost:8420" }, 200},
		"its own page":           {func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:8420") }, 200},
		"another machine":        {func(r *http.Request) { r.RemoteAddr = "192.0.2.7:50000" }, 403},
		"nobody knows who":       {func(r *http.Request) { r.RemoteAddr = "@" }, 403},
		"a machine in between":   {func(r *http.Request) { r.RemoteAddr = "192.0.2.7:1"; r.Header.Set("X-Forwarded-For", "127.0.0.1") }, 403},
		"what somebody typed":    {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "none") }, 200},
		"an image of a page":     {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		"one of another port":    {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") }, 403},
		"another web page":       {func(r *http.Request) { r.Header.Set("Origin", "https://example.com") }, 403},
		"a page on another port": {func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:3000") }, 403},
		"a page from a file":     {func(r *http.Request) { r.Header.Set("Origin", "null") }, 403},
		"after DNS rebinding":    {func(r *http.Request) { r.Host = "evil.example.com:8420" }, 403},
		"a page and its name": {func(r *http.Request) {
			r.Host = "evil.example.com:8420"
			r.Header.Set("Origin", "http://evil.example.com:8420")
		}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.prepare = tc.prepare
			for _, request := range []string{"GET /_sim/keys", "POST /_sim/keys", "DELETE /_sim/keys/api_1"} {
				method, path, _ := strings.Cut(request, " ")
				answer := w.send(method, path, `{"name":"ci"}`)
				if tc.want == 403 {
					w.refused(answer, 403, "forbidden")
				} else if answer.Code >= 400 {
					t.Errorf("%s is answered %d %s", request, answer.Code, answer.Body)
				}
			}
			n := 0
			w.sim.Sandbox.View(func(world *engine.World) { n = len(world.APIKeys()) })
			if tc.want == 403 && (n != 1 || !w.enters("the-first-key")) {
				t.Errorf("there are %d keys, and the first one is let in: %v", n, w.enters("the-first-key"))
			}
		})
	}
}

func TestHealthAndFrontPageNeedNoKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var health struct{ Status string }
	if w.is(w.send("GET", "/healthz", ""), 200, &health); health.Status != "ok" {
		t.Errorf("the health is %q", health.Status)
	}
	page := w.send("GET", "/", "")
	body, err := io.ReadAll(page.Body)
	if err != nil || page.Code != 200 || !strings.Contains(string(body), "PICTOR_ENDPOINT") || strings.Contains(string(body), "the-first-key") {
		t.Errorf("the front page is %d %s", page.Code, body)
	}
}
