package dialect_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/dialect"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// service is a simulator that speaks a dialect: a server in front of one that
// holds every answer against the contract. Its ids are digits only, by the order
// in which they are first seen.
type service struct {
	*httptest.Server
	sim     *simtest.Sim
	dialect dialect.Dialect
	routes  []route

	mu     sync.Mutex
	digits map[string]string // by the simulator's id
	ids    map[string]string // by the digits
}

func serve(t testing.TB, d dialect.Dialect, options ...simtest.Option) *service {
	t.Helper()
	options = append([]simtest.Option{
		simtest.Clock("frozen"),
		simtest.Policy(engine.Policy{AllowDuplicateNames: d.DuplicateNames, IgnoreIdempotencyKeys: d.IgnoreIdempotency}),
	}, options...)
	routes, err := routes()
	if err != nil {
		t.Fatal(err)
	}
	s := &service{
		sim: simtest.New(t, options...), dialect: d, routes: routes,
		digits: map[string]string{}, ids: map[string]string{},
	}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	operation := s.operation(r)
	query := r.URL.Query()
	s.dialect.Query(query)
	segments := strings.Split(strings.TrimPrefix(r.URL.Path, "/api"), "/")
	for i, segment := range segments {
		if id, known := s.ids[segment]; known {
			segments[i] = id
		}
	}
	path := strings.Join(segments, "/")
	body = s.lettered(s.dialect.Request(body))

	var status int
	var header http.Header
	var answer []byte
	if s.dialect.WholeLists() && strings.HasPrefix(operation, "list") {
		status, header, answer = s.whole(r, path, query)
	} else {
		status, header, answer = s.forward(r, path+"?"+query.Encode(), body)
	}
	if s.dialect.DeletesAtOnce() && operation == "deleteInstance" {
		s.sim.Advance(time.Second)
	}
	header.Del("Content-Length") // of the answer with the simulator's ids
	status, answer = s.dialect.Answer(operation, status, header, s.numbered(answer))
	for name, values := range header {
		w.Header()[name] = values
	}
	w.WriteHeader(status)
	_, _ = w.Write(answer)
}

// forward asks the simulator.
func (s *service) forward(r *http.Request, path string, body []byte) (int, http.Header, []byte) {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, s.sim.Endpoint+path, bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	req.Header = r.Header.Clone()
	req.Header.Del("Accept-Encoding") // or the answer stays compressed
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		panic(err)
	}
	return resp.StatusCode, resp.Header, answer
}

// whole asks for every page and makes one of them.
func (s *service) whole(r *http.Request, path string, query url.Values) (int, http.Header, []byte) {
	data := []json.RawMessage{}
	for n := 1; ; n++ {
		query.Set("page", strconv.Itoa(n))
		query.Set("per_page", "100")
		status, header, answer := s.forward(r, path+"?"+query.Encode(), nil)
		if status != http.StatusOK {
			return status, header, answer
		}
		var one struct {
			Data  []json.RawMessage `json:"data"`
			Links json.RawMessage   `json:"links"`
			Meta  struct {
				LastPage int `json:"last_page"`
			} `json:"meta"`
		}
		if err := json.Unmarshal(answer, &one); err != nil {
			panic(err)
		}
		data = append(data, one.Data...)
		if n >= one.Meta.LastPage {
			whole, err := json.Marshal(map[string]any{"data": data, "links": one.Links, "meta": one.Meta})
			if err != nil {
				panic(err)
			}
			return status, header, whole
		}
	}
}

var ids = regexp.MustCompile(`"(ins|off|key|hst|acc|txn)_[0-9a-z]+"`)

func (s *service) numbered(body []byte) []byte {
	return ids.ReplaceAllFunc(body, func(id []byte) []byte {
		digits, known := s.digits[string(id)]
		if !known {
			digits = strconv.Itoa(len(s.digits) + 1000)
			s.digits[string(id)], s.ids[digits] = digits, strings.Trim(string(id), `"`)
		}
		return []byte(`"` + digits + `"`)
	})
}

var digits = regexp.MustCompile(`"\d+"`)

func (s *service) lettered(body []byte) []byte {
	return digits.ReplaceAllFunc(body, func(quoted []byte) []byte {
		if id, known := s.ids[strings.Trim(string(quoted), `"`)]; known {
			return []byte(`"` + id + `"`)
		}
		return quoted
	})
}

// route is an operation of the contract.
type route struct {
	method, operation string
	path              *regexp.Regexp
}

// routes are those of the contract, which is read once.
var routes = sync.OnceValues(func() (all []route, err error) {
	doc, err := openapi3.NewLoader().LoadFromFile("../../provider/pictor/openapi.yaml")
	if err != nil {
		return nil, err
	}
	for path, item := range doc.Paths.Map() {
		pattern := regexp.MustCompile(`\{\w+\}`).ReplaceAllString(path, `\d+`)
		for method, op := range item.Operations() {
			all = append(all, route{method, op.OperationID, regexp.MustCompile("^/api" + pattern + "$")})
		}
	}
	return all, nil
})

func (s *service) operation(r *http.Request) string {
	for _, route := range s.routes {
		if r.Method == route.method && route.path.MatchString(r.URL.Path) {
			return route.operation
		}
	}
	return ""
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// call sends a request as a program would.
func (s *service) call(t testing.TB, method, path, body string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/api"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.sim.APIKey)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{resp.StatusCode, resp.Header, string(data)}
}

// offer is the id of the cheapest offer, whatever the dialect.
func (s *service) offer(t testing.TB) string {
	t.Helper()
	got := s.call(t, "GET", "/gpu-instances/offers?os=windows", "")
	for _, found := range regexp.MustCompile(`"id":"?(\d+)"?`).FindAllStringSubmatch(got.body, -1) {
		if strings.HasPrefix(s.ids[found[1]], "off_") {
			return found[1]
		}
	}
	t.Fatalf("no offer in %s", got.body)
	return ""
}

// rental is the body of a create.
func (s *service) rental(t testing.TB, name string, gpus int) string {
	t.Helper()
	return fmt.Sprintf(`{"name":%q,"offer_id":%q,"os":"linux","gpu_count":%d,"storage_gb":10,"rental_hours":1}`, name, s.offer(t), gpus)
}
