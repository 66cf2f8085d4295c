package reference_test

import (
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"go.uber.org/goleak"
	"go.yaml.in/yaml/v3"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/reference"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(int) { http.DefaultClient.CloseIdleConnections() }))
}

// reader asks a simulator of its own, without a key.
type reader struct {
	t    *testing.T
	home string
}

func newReader(t *testing.T) reader {
	t.Helper()
	return reader{t, strings.TrimSuffix(simtest.New(t).Endpoint, "/api")}
}

func (r reader) get(path string) (*http.Response, string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.home+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp, string(body)
}

func TestThePageNeedsNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	resp, html := r.get(reference.PagePath)
	if resp.StatusCode != 200 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		t.Fatalf("the page is %s %s", resp.Status, resp.Header.Get("Content-Type"))
	}
	assets := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(html, -1)
	if len(assets) != 5 {
		t.Errorf("the page refers to %v, want two scripts, a style sheet and two icons", assets)
	}
	for _, asset := range assets {
		if !strings.HasPrefix(asset[1], reference.PagePath+"/") {
			t.Errorf("the page refers to %s", asset[1])
			continue
		}
		if resp, body := r.get(asset[1]); resp.StatusCode != 200 || len(body) < 100 || strings.HasPrefix(body, "<!") {
			t.Errorf("%s is %s with %d bytes", asset[1], resp.Status, len(body))
		}
	}
	// What scripts load later is held to the same host.
	policy := resp.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self' 'sha256-", "connect-src 'self';", "form-action 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %s: %s", want, policy)
		}
	}
	for _, bad := range []string{"unsafe", "http:", "https:", "*"} {
		if strings.Contains(policy, bad) {
			t.Errorf("the policy allows %s: %s", bad, policy)
		}
	}
}

func TestTheServedContractIsTheSimulators(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	resp, text := r.get(reference.JSONPath)
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("the contract is %s %s", resp.Status, resp.Header.Get("Content-Type"))
	}
	doc, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context(), openapi3.DisableExamplesValidation()); err != nil {
		t.Error(err)
	}
	if len(doc.Servers) != 1 || doc.Servers[0].URL != "/api" {
		t.Errorf("its servers are %v, want this simulator", doc.Servers)
	}
	if doc.Components.SecuritySchemes["bearer"] == nil || doc.Components.SecuritySchemes["header"] == nil {
		t.Errorf("its ways to authorize are %v", doc.Components.SecuritySchemes)
	}
	if strings.Contains(text, "x-go-type") || !strings.Contains(text, "x-source") {
		t.Error("it should say where fields come from, not which Go type they have")
	}

	resp, yamlText := r.get(reference.YAMLPath)
	if resp.StatusCode != 200 || !strings.HasPrefix(yamlText, "openapi: 3.0.3\ninfo:\n") {
		t.Errorf("as YAML it is %s and begins %.40q", resp.Status, yamlText)
	}
	var asJSON, asYAML any
	if err := json.Unmarshal([]byte(text), &asJSON); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(yamlText), &asYAML); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(asYAML)
	if err != nil {
		t.Fatal(err)
	}
	var fromYAML any
	if err := json.Unmarshal(again, &fromYAML); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(asJSON, fromYAML) {
		t.Error("JSON and YAML are not the same document")
	}
}

// The reference needs no key; everything beside it still does.
func TestOnlyTheReferenceNeedsNoKey(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	for path, want := range map[string]int{
		"/api/documentation":                         200, // after a redirect
		"/api/documentation/gpu-instances":           200,
		"/api/documentation/gpu-instances/nothing":   404,
		"/api/documentation/nothing":                 404,
		"/api/documentation/../account":              404,
		"/api/documentation/%2e%2e/account":          404,
		"/api/documentations":                        401,
		"/api/account":                               401,
		"/api":                                       401,
		"/api/gpu-instances/..%2f..%2fdocumentation": 401,
	} {
		if resp, body := r.get(path); resp.StatusCode != want {
			t.Errorf("%s answers %s %.100s, want %d", path, resp.Status, body, want)
		}
	}
}
