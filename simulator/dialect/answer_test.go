package dialect_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/dialect"
)

// What the simulator really answers, as each dialect says it.
func TestAnswers(t *testing.T) {
	t.Parallel()
	const page = "GET /ssh-keys?per_page=1&page=2"
	for _, test := range []struct {
		preset, request string
		status          int
		body            string // a pattern for all of it
	}{
		{"plain", page, 200, `\{"data":\[\{.*"id":"\d+".*\}\],"links":\{.*\},"meta":\{"current_page":2,"last_page":3,"per_page":1,"total":3\}\}`},
		{"bare-arrays", page, 200, `\[(\{[^}]*"name":"k\d"[^}]*\},?){3}\]`},
		{"data-only", page, 200, `\{"data":\[(\{[^}]*"name":"k\d"[^}]*\},?){3}\]\}`},
		{"data-only", "GET /gpu-instances?name=none", 200, `\{"data":\[\]\}`},
		{"flat-pages", page, 200, `\{"current_page":2,"data":\[\{.*"name":"k1".*\}\],"first_page_url":"[^"]+page=1[^"]*","from":2,"last_page":3,"last_page_url":"[^"]+page=3[^"]*","links":\[.*\],` +
			`"next_page_url":"[^"]+page=3[^"]*","path":"/api/ssh-keys","per_page":1,"prev_page_url":"[^"]+page=1[^"]*","to":2,"total":3\}`},
		{"simple-pages", "GET /ssh-keys?per_page=2&page=2", 200, `\{"current_page":2,"data":\[\{.*"name":"k2".*\}\],"first_page_url":"[^"]+","from":3,"next_page_url":null,"path":"/api/ssh-keys","per_page":2,"prev_page_url":"[^"]+","to":3\}`},
		{"simple-pages", "GET /gpu-instances?name=none", 200, `\{"current_page":1,"data":\[\],.*"from":null,.*"to":null\}`},
		{"nested-pages", page, 200, `\{"data":\{"data":\[\{.*"name":"k1".*\}\],"links":\{.*\},"meta":\{.*\}\}\}`},
		{"wrapped-objects", "GET /account", 200, `\{"data":\{.*"balance":"[^"]+".*\}\}`},
		{"wrapped-objects", "GET /nowhere", 404, `\{"code":"not_found","message":".+"\}`},
		{"wrapped-objects", page, 200, `\{"data":\[\{"created_at.*`},

		{"numeric-ids", "GET /gpu-instances/INSTANCE", 200, `\{.*"host":\{.*"id":\d+.*\},"id":\d+,.*"offer_id":\d+,.*"ssh_key_ids":\[\d+,\d+\].*\}`},
		{"title-case", "GET /gpu-instances/INSTANCE", 200, `\{.*"status":"Running".*\}`},
		{"shouting", "GET /gpu-instances?status=Running", 200, `\{.*"status":"RUNNING".*\}`},
		{"other-statuses", "GET /gpu-instances/INSTANCE", 200, `\{.*"status":"running".*\}`},
		{"other-statuses", "POST /gpu-instances/INSTANCE/stop", 202, `\{.*"status":"shutting_down".*\}`},
		{"title-words", "GET /gpu-instances/INSTANCE", 200, `\{.*"os":"Linux".*"status":"running".*\}`},
		{"title-words", "GET /gpu-instances/offers?os=Windows&per_page=1", 200, `\{.*"os":\["Linux","Windows"\].*\}`},
		{"title-words", "GET /transactions?type=Promotion", 200, `\{"data":\[\{[^}]*"type":"Promotion"\}\].*\}`},
		{"padded-money", "GET /account", 200, `\{"balance":"\d+\.\d{6}",.*"spend_per_hour":"\d+\.\d{6}"\}`},
		{"numeric-money", "GET /account", 200, `\{"balance":\d+\.\d+,.*"spend_per_hour":\d+\.\d+\}`},
		{"numeric-money", "GET /transactions?type=charge", 200, `\{"data":\[\{"amount":-\d+\.\d+,"balance_after":\d+\.\d+,.*`},
		{"microseconds", "GET /gpu-instances/INSTANCE", 200, `\{.*"created_at":"2026-01-01T00:00:00.000000Z".*"expires_at":"2026-01-01T01:00:0\d.\d{6}Z".*\}`},
		{"local-times", "GET /gpu-instances/INSTANCE", 200, `\{.*"created_at":"2026-01-01T07:00:00\+07:00".*\}`},
		{"nulls", "GET /gpu-instances/INSTANCE", 200, `\{.*"status_reason":null.*\}`},
		{"nulls", "POST /gpu-instances/INSTANCE/stop", 202, `\{.*"connection":null.*\}`},
		{"absent-fields", "POST /gpu-instances/INSTANCE/stop", 202, `\{"auto_renew":false,"cost_so_far":"[^"]+","created_at":"[^"]+","extended_hours":0,.*"status":"stopping","storage_gb".*\}`},

		{"plain", "POST /gpu-instances/INSTANCE/stop", 202, `\{.*"status":"stopping".*\}`},
		{"partial-changes", "POST /gpu-instances/INSTANCE/stop", 202, `\{"id":"\d+","status":"stopping"\}`},
		{"partial-changes", `PATCH /ssh-keys/KEY {"name":"desktop"}`, 200, `\{"id":"\d+"\}`},
		{"partial-changes+wrapped-objects", "POST /gpu-instances/INSTANCE/stop", 202, `\{"data":\{"id":"\d+","status":"stopping"\}\}`},
		{"message-changes+wrapped-objects", "POST /gpu-instances/INSTANCE/stop", 202, `\{"message":".+"\}`},
		{"silent-changes", "POST /gpu-instances/INSTANCE/stop", 204, ``},
		{"silent-changes", `PUT /gpu-instances/INSTANCE/ssh-keys {"ssh_key_ids":[]}`, 204, ``},
		{"silent-changes", `POST /gpu-instances/INSTANCE/extend {"hours":1}`, 200, `\{.*"extended_hours":1.*\}`},
		{"silent-changes", "POST /gpu-instances/INSTANCE/start", 409, `\{"code":"wrong_state","message":".+"\}`},
		{"create-200", `POST /gpu-instances RENTAL`, 200, `\{.*"status":"pending".*\}`},
		{"create-202", `POST /gpu-instances RENTAL`, 202, `\{.*"status":"pending".*\}`},
		{"create-202", `POST /gpu-instances {}`, 422, `\{.*"code":"validation".*\}`},
		{"plain", "DELETE /gpu-instances/INSTANCE", 202, `\{.*"status":"deleting".*\}`},
		{"delete-204", "DELETE /gpu-instances/INSTANCE", 204, ``},
		{"delete-204", "DELETE /gpu-instances/nothing", 404, `\{"code":"not_found","message":".+"\}`},
		{"everything", "GET /gpu-instances/INSTANCE", 200, `\{"data":\{.*"cost_so_far":\d+\.\d+,.*"id":\d+,.*"status":"RUNNING",.*\}\}`},
	} {
		t.Run(test.preset+" "+test.request, func(t *testing.T) {
			t.Parallel()
			s := serve(t, parse(t, test.preset))
			instance, keys := s.furnish(t)
			request := strings.NewReplacer("INSTANCE", instance, "KEY", keys[0]).Replace(test.request)
			if strings.HasSuffix(request, "RENTAL") {
				request = strings.TrimSuffix(request, "RENTAL") + s.rental(t, "other", 1)
			}
			method, rest, _ := strings.Cut(request, " ")
			path, body, _ := strings.Cut(rest, " ")
			got := s.call(t, method, path, body)
			if pattern := regexp.MustCompile(`^` + test.body + `\n?$`); got.status != test.status || !pattern.MatchString(got.body) {
				t.Errorf("answered %d %s\nwant     %d %s", got.status, got.body, test.status, test.body)
			}
			if got.status == http.StatusNoContent && got.header.Get("Content-Type") != "" {
				t.Errorf("nothing is said to be %s", got.header.Get("Content-Type"))
			}
		})
	}
}

// furnish adds three SSH keys, k0 to k2, and an instance that runs and lets in
// two of them.
func (s *service) furnish(t *testing.T) (instance string, keys []string) {
	t.Helper()
	for n := range 3 {
		s.call(t, "POST", "/ssh-keys", fmt.Sprintf(`{"name":"k%d","public_key":%q}`, n, publicKey(t, n)))
	}
	for digits, id := range s.ids {
		if strings.HasPrefix(id, "key_") {
			keys = append(keys, digits)
		}
	}
	body := strings.TrimSuffix(s.rental(t, "trainer", 1), "}") + fmt.Sprintf(`,"ssh_key_ids":[%q,%q]}`, keys[0], keys[1])
	if got := s.call(t, "POST", "/gpu-instances", body); got.status >= 300 {
		t.Fatalf("answered %d %s", got.status, got.body)
	}
	s.sim.Advance(10 * time.Second)
	for digits, id := range s.ids {
		if strings.HasPrefix(id, "ins_") {
			return digits, keys
		}
	}
	t.Fatal("no instance")
	return "", nil
}

func parse(t *testing.T, names string) dialect.Dialect {
	t.Helper()
	d, err := dialect.Parse(names)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Requests in the dialect are understood, and so are those in the contract's form.
func TestRequests(t *testing.T) {
	t.Parallel()
	s := serve(t, parse(t, "numeric-ids+title-words"))
	_, keys := s.furnish(t)
	for name, ids := range map[string]string{"numbers": "[" + keys[0] + "]", "strings": `["` + keys[0] + `"]`} {
		for _, offer := range []string{s.offer(t), `"` + s.offer(t) + `"`} {
			body := fmt.Sprintf(`{"name":"%s-%d","offer_id":%s,"os":"Linux","gpu_count":1,"storage_gb":10,"rental_hours":1,"ssh_key_ids":%s}`, name, len(offer), offer, ids)
			if got := s.call(t, "POST", "/gpu-instances", body); got.status != 201 {
				t.Errorf("%s is answered %d %s", body, got.status, got.body)
			}
		}
	}
	for _, body := range []string{`{"offer_id":17.5}`, `{"offer_id":`, `{} {}`, ``} {
		if got := s.call(t, "POST", "/gpu-instances/quote", body); got.status != 422 && got.status != 400 {
			t.Errorf("%q is answered %d %s", body, got.status, got.body)
		}
	}
	plain := serve(t, dialect.Dialect{})
	if got := plain.call(t, "POST", "/gpu-instances/quote", fmt.Sprintf(`{"offer_id":%s,"os":"Linux","gpu_count":1,"storage_gb":10,"rental_hours":1}`, plain.offer(t))); got.status != 422 {
		t.Errorf("the contract takes a numeric id and Linux: %d %s", got.status, got.body)
	}
}

func TestQueries(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ preset, query, want string }{
		{"plain", "os=Linux&page=2&status=Running", "os=Linux&page=2&status=Running"},
		{"bare-arrays", "name=b&page=2&per_page=5", "name=b"},
		{"flat-pages", "page=2&per_page=5", "page=2&per_page=5"},
		{"title-case", "status=Running&type=Charge", "status=running&type=Charge"},
		{"other-statuses", "status=Booting", "status=starting"},
		{"other-statuses", "status=starting", "status=starting"},
		{"shouting", "status=BOOTING", "status=booting"},
		{"title-words", "os=Linux&status=Running&type=Charge", "os=linux&status=Running&type=charge"},
		{"everything", "", ""},
	} {
		q, err := url.ParseQuery(test.query)
		if err != nil {
			t.Fatal(err)
		}
		parse(t, test.preset).Query(q)
		if got := q.Encode(); got != test.want {
			t.Errorf("%s: %s became %s, want %s", test.preset, test.query, got, test.want)
		}
	}
}

// What is in no JSON of the contract comes through every dialect as it is.
func TestWhatIsNotOfTheContractPassesThrough(t *testing.T) {
	t.Parallel()
	for _, preset := range append(dialect.Presets(), dialect.Named{Name: "both", Dialect: parse(t, "everything+html-errors")}) {
		for kind, body := range map[string]string{
			"text/plain; charset=utf-8": "Invoice txn_1", "text/html": "<h1>502</h1>",
			"application/json": "not JSON", "": "",
		} {
			for _, status := range []int{200, 404, 502} {
				header := http.Header{"Content-Type": {kind}, "Content-Length": {"9"}}
				gotStatus, got := preset.Dialect.Answer("getInvoice", status, header, []byte(body))
				if gotStatus != status || string(got) != body || header.Get("Content-Type") != kind || header.Get("Content-Length") != "9" {
					t.Errorf("%s: %d %s %q became %d %v %q", preset.Name, status, kind, body, gotStatus, header, got)
				}
			}
		}
		// An error of something else in between, which has no code.
		header := http.Header{"Content-Type": {"application/json"}}
		if _, got := preset.Dialect.Answer("", 502, header, []byte(`{"message":"bad gateway"}`)); string(got) != `{"message":"bad gateway"}` {
			t.Errorf("%s: an error of another service became %s", preset.Name, got)
		}
	}
}

func TestNumbersKeepTheirDigits(t *testing.T) {
	t.Parallel()
	d := parse(t, "everything")
	body := `{"id":"9007199254740993","reliability":0.99800,"remaining_seconds":9223372036854775807,"name":"<a&b>","amount":"-0.000001","offer_id":"007"}`
	_, got := d.Answer("getInstance", 200, http.Header{"Content-Type": {"application/json"}}, []byte(body))
	want := `{"data":{"amount":-0.000001,"id":9007199254740993,"name":"<a&b>","offer_id":"007","reliability":0.99800,"remaining_seconds":9223372036854775807}}`
	if strings.TrimSpace(string(got)) != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if got := d.Request([]byte(`{"offer_id":9007199254740993,"hours":1.50}`)); strings.TrimSpace(string(got)) != `{"hours":1.50,"offer_id":"9007199254740993"}` {
		t.Errorf("the request became %s", got)
	}
}

func TestAmountsThatAreNoneStay(t *testing.T) {
	t.Parallel()
	for _, preset := range []string{"numeric-money", "padded-money"} {
		for _, amount := range []string{`"null"`, `""`, `"1e3"`, `"01"`, `"1.0000001"`, `null`, `{}`} {
			body := `{"balance":` + amount + `}`
			_, got := parse(t, preset).Answer("getAccount", 200, http.Header{"Content-Type": {"application/json"}}, []byte(body))
			if strings.TrimSpace(string(got)) != body {
				t.Errorf("%s: %s became %s", preset, body, got)
			}
		}
	}
}

func TestAnnouncedLengthFits(t *testing.T) {
	t.Parallel()
	for _, preset := range dialect.Presets() {
		if preset.Dialect == (dialect.Dialect{}) {
			continue
		}
		header := http.Header{"Content-Type": {"application/json"}, "Content-Length": {"11"}}
		if _, got := preset.Dialect.Answer("getAccount", 200, header, []byte(`{"id":"17"}`)); header.Get("Content-Length") != "" {
			t.Errorf("%s: %s is announced with %s bytes", preset.Name, got, header.Get("Content-Length"))
		}
	}
}

func TestTheContractsOwnWayChangesNothing(t *testing.T) {
	t.Parallel()
	var d dialect.Dialect
	body := []byte("{\"b\":1, \"a\" : \"\\u003c\"}\n")
	header := http.Header{"Content-Type": {"application/json"}}
	if status, got := d.Answer("getAccount", 201, header, body); status != 201 || string(got) != string(body) {
		t.Errorf("became %d %s", status, got)
	}
	if got := d.Request(body); string(got) != string(body) {
		t.Errorf("became %s", got)
	}
}
