package contract_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/contract"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// service answers as it is told and keeps book of what it was asked.
type service struct {
	*httptest.Server
	mu      sync.Mutex
	asked   []string
	headers []http.Header
}

func newService(t *testing.T, answer http.HandlerFunc) *service {
	t.Helper()
	s := &service{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.Method+" "+r.URL.RequestURI())
		s.headers = append(s.headers, r.Header.Clone())
		s.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

const secret = "key-of-the-account-0123456789"

// probe looks at a service without ever sleeping; slept has how long it would have.
func probe(t *testing.T, endpoint, key string, edit ...func(*contract.ProbeConfig)) (report contract.ProbeReport, slept []time.Duration, err error) {
	t.Helper()
	cfg := contract.ProbeConfig{
		Endpoint: endpoint, APIKey: key, HTTP: &http.Client{},
		Now:   func() time.Time { return time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC) },
		Sleep: func(ctx context.Context, d time.Duration) error { slept = append(slept, d); return ctx.Err() },
	}
	for _, e := range edit {
		e(&cfg)
	}
	report, err = contract.Probe(t.Context(), cfg)
	return report, slept, err
}

func text(t *testing.T, r contract.ProbeReport) string {
	t.Helper()
	var b strings.Builder
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// says holds that a text has all of these in it.
func says(t *testing.T, text string, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q", want)
		}
	}
}

// The simulator is what the contract says, with one of everything in it.
func TestTheSimulatorAnswersAsTheContractSays(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	sim.Do(t, func(w *engine.World) error {
		key, err := w.AddSSHKey("laptop", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl")
		if err != nil {
			return err
		}
		_, err = w.Rent(engine.RentRequest{
			Spec: engine.Spec{OfferID: w.Offers(func(o *engine.Offer) bool { return o.GPUsAvailable > 0 })[0].ID, OS: engine.Linux, GPUCount: 1, StorageGB: 10, RentalHours: 1},
			Name: "trainer", SSHKeyIDs: []string{key.ID},
		})
		return err
	})
	report, slept, err := probe(t, sim.Endpoint+"/", sim.APIKey)
	if err != nil {
		t.Fatal(err)
	}
	if !report.Same() || report.Skipped != 0 || report.Requests != len(report.Checks) || report.Requests > 15 || len(slept) != report.Requests-1 {
		t.Errorf("%d requests, %d pauses:\n%s", report.Requests, len(slept), text(t, report))
	}
	for _, c := range report.Checks {
		if c.Skipped != "" {
			t.Errorf("%s was skipped: %s", c.Request, c.Skipped)
		}
	}
	var operations []string
	for _, c := range report.Checks {
		operations = append(operations, c.Operation)
	}
	for _, op := range []string{"getAccount", "listOffers", "getOffer", "listInstances", "getInstance", "listSshKeys", "getSshKey", "listTransactions", "getInvoice"} {
		if !slices.Contains(operations, op) {
			t.Errorf("%s was not looked at", op)
		}
	}
	if got := text(t, report); !strings.HasSuffix(got, "\nNo difference: what was seen is as the contract says.\n") || strings.Contains(got, "trainer") {
		t.Errorf("the text is %s", got)
	}
	// The other way to send the key.
	report, _, err = probe(t, sim.Endpoint, sim.APIKey, func(c *contract.ProbeConfig) { c.Header = "X-API-Key" })
	if err != nil || !report.Same() {
		t.Errorf("with X-API-Key: %v\n%s", err, text(t, report))
	}
}

func TestAnEmptyAccountHasItemsThatCannotBeSeen(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t, simtest.Credits(0))
	report, _, err := probe(t, sim.Endpoint, sim.APIKey)
	if err != nil || !report.Same() {
		t.Fatalf("%v\n%s", err, text(t, report))
	}
	if want := "skipped  GET /ssh-keys/{ssh_key_id} (a key of the list): the list has no entry with an id"; !strings.Contains(text(t, report), want) {
		t.Errorf("the text lacks %q:\n%s", want, text(t, report))
	}
	if want := "\nNo difference in what was seen, but 3 checks could not be made.\n"; report.Skipped != 3 || !strings.HasSuffix(text(t, report), want) {
		t.Errorf("%d checks are reported as skipped, and the text does not end with %q:\n%s", report.Skipped, want, text(t, report))
	}
}

// privateAccount is what a service of another opinion says of the account; every value
// is one that must not be repeated.
const privateAccount = `{"id": 4711, "name": "Grace Hopper", "balance": 123.45, "spend_per_hour": "a lot of 77", "credit_card": "4000-1234", "Grace's address": "x"}`

func TestDifferencesAreNamedAndValuesAreNot(t *testing.T) {
	t.Parallel()
	instance := `{"id":"private-ins","name":"private-name","status":"Running","status_reason":null,"os":"PrivateOS","gpu_count":"8","ssh_key_ids":[5,6],"remaining_seconds":1.5,
		"created_at":"private-date","connection":{"protocol":"ssh","host":"203.0.113.77","port":"22","username":"root"},"host":{"id":"h"},"expires_at":null}`
	s := newService(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch path := strings.TrimPrefix(r.URL.Path, "/api"); {
		case r.Header.Get("Authorization") == "":
			http.Redirect(w, r, "/login?private", http.StatusFound)
		case path == "/account":
			fmt.Fprintf(w, `{"success": true, "data": %s}`, privateAccount)
		case path == "/gpu-instances":
			fmt.Fprintf(w, `[%s, %s]`, instance, instance)
		case path == "/gpu-instances/private-ins":
			fmt.Fprint(w, instance)
		case path == "/gpu-instances/offers":
			fmt.Fprint(w, `{"offers": [{"id": 9007199254740993}, {"id": 2}], "count": 2}`)
		case path == "/gpu-instances/offers/9007199254740993":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, "<!DOCTYPE html>private")
		case path == "/ssh-keys":
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"error": "private"}`)
		case path == "/transactions":
			fmt.Fprint(w, `{"data": {"data": [{"id": "private/txn"}], "total": 1}}`)
		case r.URL.EscapedPath() == "/api/transactions/private%2Ftxn/invoice":
			w.Header().Set("Content-Type", "application/pdf")
			fmt.Fprint(w, "%PDF private")
		default:
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprintf(w, `{"message": "no private", "code": 404}`)
		}
	})
	report, _, err := probe(t, s.URL+"/api", secret)
	if err != nil {
		t.Fatal(err)
	}
	got := text(t, report)
	says(t, got,
		"GET /account (the account)\n           Body is wrapped in data, the contract says it stands alone\n",
		"           data.id is an integer, the contract says a string\n",
		"           data.balance is a number, the contract says money as a decimal string\n",
		"           data.spend_per_hour is a string of another shape, the contract says money as a decimal string\n",
		"           data.email is missing\n",
		"           data.credit_card is not in the contract (a string)\n",
		"           data.(a name that is withheld) is not in the contract (a string)\n",
		"(a request without a key)\n           HTTP status is 302, a redirect (it was not followed), the contract says 401\n",
		"Body is an object whose offers is the list, the contract says an object whose data is the list\n",
		"           [].id is an integer, the contract says a string, 2 times\n",
		"           HTTP status is 500, the contract says 200\n           Body is an HTML page, the contract says application/json\n",
		"GET /gpu-instances (the list)\n",
		"           Body is a bare array, the contract says an object whose data is the list\n",
		"           [].status is spelt otherwise than \"running\", 2 times\n",
		"           [].os is none of linux, windows, 2 times\n",
		"           status_reason is null, the contract says a string\n",
		"           gpu_count is a string, the contract says an integer\n",
		"           remaining_seconds is a number, the contract says an integer (int64)\n",
		"           ssh_key_ids[] is an integer, the contract says a string, 2 times\n",
		"           created_at is a string of another shape, the contract says a string (date-time)\n",
		"           connection.port is a string, the contract says an integer\n",
		"           connection.command is missing\n",
		"           host.city is missing\n",
		"GET /ssh-keys (the list)\n           HTTP status is 403, the contract says 200\n           code is missing\n           error is not in the contract (a string)\n           message is missing\n",
		"           Body is an object whose data is an object, the contract says an object whose data is the list\n",
		"           Content-Type is application/pdf, the contract says text/plain\n",
		"           per_page is not heeded: one entry was asked for and there are more\n",
		"(an instance that there is not)\n           code is an integer, the contract says a string\n",
	)
	asJSON, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	for _, private := range []string{"rivate-", "rivateOS", "private/", "private%", "login", "Hopper", "Grace", "4711", "123.45", "77", "4000", "9007199254740993", secret} {
		if strings.Contains(strings.ReplaceAll(got, s.URL, ""), private) || strings.Contains(strings.ReplaceAll(string(asJSON), s.URL, ""), private) {
			t.Errorf("the report gives %q away", private)
		}
	}
	if t.Failed() {
		t.Log(got)
	}
	// Reads only, whatever comes back, and only to where it was sent.
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.asked) != report.Requests || report.Requests > 15 {
		t.Errorf("%d requests came, %d are reported", len(s.asked), report.Requests)
	}
	without := 0
	for i, request := range s.asked {
		if !strings.HasPrefix(request, "GET /api/") {
			t.Errorf("%s was sent", request)
		}
		switch s.headers[i].Get("Authorization") {
		case "Bearer " + secret:
		case "":
			without++
		default:
			t.Errorf("%s had another key", request)
		}
	}
	if without != 1 {
		t.Errorf("%d requests had no key, want one", without)
	}
}

// What an object is keyed by may be the account's own, wherever it stands. A field has
// a plain value, or a name that the contract knows.
func TestNamesThatObjectsAreKeyedByAreWithheld(t *testing.T) {
	t.Parallel()
	s := newService(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch strings.TrimPrefix(r.URL.Path, "/api") {
		case "/account":
			fmt.Fprint(w, `{"data": {"alice-corp": {"id": 1}, "bob-corp": [], "4711": {}, "host": {}, "team": "x", "owner": null}}`)
		case "/gpu-instances":
			fmt.Fprint(w, `{"alice-corp": [{"alice-corp": {}}]}`)
		case "/gpu-instances/offers":
			fmt.Fprint(w, `{"4711": [{"host": {"alice-corp": {}, "rack": 7}}]}`)
		default:
			w.WriteHeader(http.StatusUnprocessableEntity)
			fmt.Fprint(w, `{"code": "x", "message": "y", "errors": {"alice-corp": "private"}}`)
		}
	})
	report, _, err := probe(t, s.URL+"/api", secret)
	if err != nil {
		t.Fatal(err)
	}
	got := text(t, report)
	says(t, got,
		"           data.(a name that is withheld) is not in the contract (an object), 2 times\n",
		"           data.(a name that is withheld) is not in the contract (an array)\n",
		"           data.host is not in the contract (an object)\n",
		"           data.team is not in the contract (a string)\n",
		"           data.owner is not in the contract (null)\n",
		"           Body is an object whose (a name that is withheld) is the list, the contract says an object whose data is the list\n",
		"           [].(a name that is withheld) is not in the contract (an object)\n",
		"           [].host.(a name that is withheld) is not in the contract (an object)\n",
		"           [].host.rack is not in the contract (an integer)\n",
		"           errors.(a name that is withheld) is a string, the contract says an array\n",
	)
	for _, private := range []string{"alice", "bob", "4711"} {
		if strings.Contains(strings.ReplaceAll(got, s.URL, ""), private) {
			t.Errorf("the report gives %q away", private)
		}
	}
	if t.Failed() {
		t.Log(got)
	}
}

// A service can put the key that it was sent anywhere.
func TestAKeyThatIsEchoedIsNotShown(t *testing.T) {
	t.Parallel()
	for _, key := range []string{secret, `key-of-"the"-account-0123456789`} {
		status := newService(t, func(w http.ResponseWriter, r *http.Request) {
			conn, out, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			fmt.Fprintf(out, "HTTP/1.1 %s OK\r\n\r\n", r.Header.Get("X-API-Key"))
			out.Flush()
		})
		_, _, err := probe(t, status.URL, key, func(cfg *contract.ProbeConfig) { cfg.Header = "X-API-Key" })
		if err == nil {
			t.Fatal("the answer can be read")
		}
		says(t, err.Error(), "GET /account at "+status.URL+": ", `malformed HTTP status code "[redacted]"`)
	}

	names := newService(t, func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("X-API-Key")
		if strings.HasSuffix(r.URL.Path, "/gpu-instances") {
			w.Header().Set("Content-Type", "application/"+key)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"data": {%q: "x", %q: "x", "key_id": "x"}}`, key, "my_"+strings.ToUpper(key))
	})
	report, _, err := probe(t, names.URL, secret, func(cfg *contract.ProbeConfig) { cfg.Header = "X-API-Key" })
	if err != nil {
		t.Fatal(err)
	}
	got := text(t, report)
	says(t, got,
		"           data.(a name that is withheld) is not in the contract (a string), 2 times\n",
		"           data.key_id is not in the contract (a string)\n",
		"           Content-Type is another one, the contract says application/json\n",
	)
	if strings.Contains(strings.ToLower(got), secret) {
		t.Errorf("the report gives the key away: %s", got)
	}
}

// It says nothing of the contract, and everything else would be refused, too.
func TestAKeyThatIsRefusedEndsTheProbe(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	report, _, err := probe(t, sim.Endpoint, secret)
	if want := "GET /account at " + sim.Endpoint + ": the key was refused with HTTP status 401; check that it is complete"; err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), secret) {
		t.Errorf("the error is %v, want %q", err, want)
	}
	if report.Requests != 1 {
		t.Errorf("%d requests were sent, want one", report.Requests)
	}
}

// A service that is down, or that has no such API, says nothing of the contract.
func TestAServiceThatHasNothingEndsTheProbe(t *testing.T) {
	t.Parallel()
	for _, status := range []int{404, 500, 503} {
		s := newService(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		_, _, err := probe(t, s.URL, secret)
		if want := fmt.Sprintf("%s: nothing of the API answers there: GET /account has HTTP status %d,", s.URL, status); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("a service that answers %d to everything ends a probe with %v", status, err)
		}
	}
}

func TestTheProbeIsPatientWithinItsTime(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	home, err := url.Parse(strings.TrimSuffix(sim.Endpoint, "/api"))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(home)
	for header, want := range map[string]time.Duration{
		"7": 7 * time.Second, "": time.Second, "soon": time.Second, "-3": 0, "Tue, 01 Jan 2030 00:00:09 GMT": 9 * time.Second,
	} {
		refusals := 2
		s := newService(t, func(w http.ResponseWriter, r *http.Request) {
			if refusals > 0 {
				refusals--
				w.Header().Set("Retry-After", header)
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			proxy.ServeHTTP(w, r)
		})
		report, slept, err := probe(t, s.URL+"/api", sim.APIKey)
		if err != nil {
			t.Fatal(err)
		}
		if n := count(slept, want); want != 0 && n != 2 || report.Requests != len(s.asked) {
			t.Errorf("Retry-After %q: slept %v, %d requests", header, slept, report.Requests)
		}
	}

	forever := newService(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	report, _, err := probe(t, forever.URL, secret)
	if want := "GET /account at " + forever.URL + ": the service answered 15 requests in a row with HTTP status 429, too many requests; wait a few minutes"; err == nil || !strings.HasPrefix(err.Error(), want) || report.Requests != 15 {
		t.Errorf("after %d requests the error is %v, want %q", report.Requests, err, want)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err = contract.Probe(ctx, contract.ProbeConfig{Endpoint: forever.URL, APIKey: secret})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "to wait 1h0m0s is longer than the probe may take") {
		t.Errorf("with less time than it is asked to wait: %v", err)
	}
}

// What was never looked at is no all-clear.
func TestChecksThatCouldNotBeMadeAreCounted(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	home, err := url.Parse(strings.TrimSuffix(sim.Endpoint, "/api"))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(home)
	s := newService(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/account", "/api/gpu-instances/offers":
			proxy.ServeHTTP(w, r)
		default:
			w.WriteHeader(http.StatusTooManyRequests)
		}
	})
	report, _, err := probe(t, s.URL+"/api", sim.APIKey)
	if err != nil {
		t.Fatal(err)
	}
	got := text(t, report)
	made := 0
	for _, c := range report.Checks {
		if c.Skipped == "" {
			made++
		}
	}
	if report.Requests != 15 || !report.Same() || made != 3 || report.Skipped != len(report.Checks)-made {
		t.Errorf("%d requests, %d of %d checks made, %d reported as skipped", report.Requests, made, len(report.Checks), report.Skipped)
	}
	says(t, got,
		"skipped  GET /gpu-instances/{instance_id} (an instance of the list): the list could not be read\n",
		fmt.Sprintf("\nNo difference in what was seen, but %d checks could not be made.\n", report.Skipped),
	)
	if t.Failed() {
		t.Log(got)
	}
}

func count(list []time.Duration, d time.Duration) (n int) {
	for _, x := range list {
		if x == d {
			n++
		}
	}
	return n
}

func TestEndpointsThatAreRefused(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]string{
		"":                            "not an http or https URL",
		"pictor.network/api":          "not an http or https URL",
		"ftp://pictor.network":        "not an http or https URL",
		"https://u:p@pictor.network/": "no user name",
		"https://pictor.network/?a=b": "no user name",
		"http://pictor.network/api":   "unencrypted",
	} {
		if _, _, err := probe(t, endpoint, secret); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", endpoint, err, want)
		}
	}
	if _, _, err := probe(t, "https://pictor.network/api", " "); err == nil || !strings.Contains(err.Error(), "API key is needed") {
		t.Errorf("without a key: %v", err)
	}
	gone := newService(t, nil)
	gone.Close()
	if _, _, err := probe(t, gone.URL, secret); err == nil || !strings.HasPrefix(err.Error(), "GET /account at "+gone.URL+": ") || strings.Contains(err.Error(), secret) {
		t.Errorf("with nobody there: %v", err)
	}
}
