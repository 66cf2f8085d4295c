package contract_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/contract"
)

func ours(t *testing.T) []byte {
	t.Helper()
	doc, err := api.GetSpecJSON()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// published is our contract after some edits, each from and to by turns.
func published(t *testing.T, edits ...string) []byte {
	t.Helper()
	text := string(ours(t))
	for i := 0; i+1 < len(edits); i += 2 {
		if !strings.Contains(text, edits[i]) {
			t.Fatalf("the contract does not have %s", edits[i])
		}
		text = strings.ReplaceAll(text, edits[i], edits[i+1])
	}
	return []byte(text)
}

func diff(t *testing.T, other []byte) contract.DiffReport {
	t.Helper()
	report, err := contract.Diff(ours(t), other)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestWhatAClientCannotNoticeIsNoDifference(t *testing.T) {
	t.Parallel()
	asYAML, err := contract.YAML(ours(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string][]byte{
		"the same":            ours(t),
		"as YAML":             asYAML,
		"another server":      published(t, "https://apiv2.pictor.network/api", "https://api.pictor.example/v9"),
		"other texts":         published(t, "Get the account", "Your purse", "The owner's name.", "Who you are."),
		"other operation ids": published(t, `"operationId":"getAccount"`, `"operationId":"accountShow"`),
		"other schema names":  published(t, "schemas/Account\"", "schemas/Purse\"", `"Account":{`, `"Purse":{`),
		"other path names":    published(t, "instance_id}", "id}", `"name":"instance_id"`, `"name":"id"`),
		"other scheme names":  published(t, `"bearer":{`, `"bearerAuth":{`, `{"bearer":[]}`, `{"bearerAuth":[]}`),
		"bearer as a header":  published(t, `"scheme":"bearer","type":"http"`, `"in":"header","name":"Authorization","type":"apiKey"`),
		"another source":      published(t, `"x-source":"inferred"`, `"x-source":"documented"`),
	} {
		if report := diff(t, other); !report.Same() || report.Count() != 0 || report.Prefix != "" {
			t.Errorf("%s: %+v", name, report)
		}
	}
}

func TestAPrefixOfAllPathsIsLeftOut(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"/api", "/api/v1"} {
		other := published(t, `"/gpu-instances`, `"`+prefix+`/gpu-instances`, `"/ssh-keys`, `"`+prefix+`/ssh-keys`, `"/transactions`, `"`+prefix+`/transactions`, `"/account"`, `"`+prefix+`/account"`)
		report := diff(t, other)
		if report.Prefix != prefix || !report.Same() {
			t.Errorf("%s: %+v", prefix, report)
		}
	}
	// A specification of machines alone has a prefix that is not one.
	report := diff(t, []byte(`{"openapi":"3.0.0","info":{"title":"","version":""},"paths":{
		"/v2/gpu-instances/{id}/stop": {"post":{"responses":{}}}, "/v2/gpu-instances/{id}/start/": {"post":{"responses":{}}}}}`))
	if report.Prefix != "/v2" || len(report.Lacking) != 0 || len(report.Surplus) != len(operations(t))-2 {
		t.Errorf("prefix %q, lacking %v, %d surplus", report.Prefix, report.Lacking, len(report.Surplus))
	}
}

func TestDifferencesAreFiled(t *testing.T) {
	t.Parallel()
	other := published(
		t,
		`"/account":{`, `"/billing/invoices":{"get":{"responses":{"200":{"description":""}}}},"/wallet":{`,
		`"required":["hours"]`, `"required":["hours","reason"]`,
		`"remaining_seconds":{`, `"seconds_left":{`,
		`"instance_id","required":true,"schema":{"maxLength":128,"type":"string"}`, `"instance_id","required":true,"schema":{"type":"integer"}`,
	)
	report := diff(t, other)
	endpoints := func(list []contract.Endpoint) (s []string) {
		for _, e := range list {
			s = append(s, e.String())
		}
		return s
	}
	if got := endpoints(report.Lacking); !slices.Equal(got, []string{"GET /billing/invoices", "GET /wallet"}) {
		t.Errorf("ours lacks %v", got)
	}
	if got := endpoints(report.Surplus); !slices.Equal(got, []string{"GET /account"}) {
		t.Errorf("only ours has %v", got)
	}
	var text strings.Builder
	if err := report.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Only the published specification has:\n  GET /billing/invoices\n  GET /wallet\n",
		"Only our contract has:\n  GET /account\n",
		"\n  GET /gpu-instances/{instance_id}\n",
		"breaking  removed the required property `remaining_seconds` from the response with the `200` status",
		"breaking  for the `path` request parameter `instance_id`, the `type` was changed from `string` to `integer`",
		"  POST /gpu-instances/{instance_id}/extend\n",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, text.String())
		}
	}
	for _, op := range report.Changed {
		if op.Path == "/ssh-keys" {
			t.Errorf("nothing is different about %s: %v", op.Endpoint, op.Changes)
		}
	}
	data, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), `"surplus":[{"method":"GET","path":"/account"}]`) {
		t.Errorf("the JSON is %s", data)
	}
}

// withErrors is our contract with the errors of every operation described otherwise.
func withErrors(t *testing.T, describe func(at string, responses map[string]any)) []byte {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(ours(t), &doc); err != nil {
		t.Fatal(err)
	}
	for path, item := range doc["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			if fields, isOperation := op.(map[string]any); isOperation {
				responses := fields["responses"].(map[string]any)
				delete(responses, "default")
				describe(method+" "+path, responses)
			}
		}
	}
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// asJSON is a response with a schema.
func asJSON(schema string) any {
	return map[string]any{"description": "no", "content": map[string]any{"application/json": map[string]any{"schema": json.RawMessage(schema)}}}
}

// Real specifications list the statuses of errors; ours has a default.
func TestErrorsAreCompared(t *testing.T) {
	t.Parallel()
	same := asJSON(`{"$ref":"#/components/schemas/Error"}`)
	other := asJSON(`{"type":"object","properties":{"error":{"type":"object","properties":{"reason":{"type":"integer"}}}}}`)
	html := map[string]any{"description": "no", "content": map[string]any{"text/html": map[string]any{}}}
	all := func(responses map[string]any) func(string, map[string]any) {
		return func(_ string, into map[string]any) { maps.Copy(into, responses) }
	}
	for name, tc := range map[string]struct {
		describe func(string, map[string]any)
		want     []string // all of the text, if there is none: no difference
	}{
		"the same, listed":     {all(map[string]any{"401": same, "404": same, "5XX": same}), nil},
		"the same, and others": {all(map[string]any{"401": same, "default": same}), nil},
		"none":                 {all(nil), []string{"every operation", "risky     errors are not described any more, neither by their status nor as `default`: they may look otherwise"}},
		"others, listed": {all(map[string]any{"401": other, "404": other, "422": other, "500": other}), []string{
			"every operation",
			"breaking  removed the required property `code` from the response with the `401`, `404`, `422`, `500` status",
			"breaking  removed the required property `message` from the response with the `401`, `404`, `422`, `500` status",
			"harmless  added the optional property `error` to the response with the `401`, `404`, `422`, `500` status",
			"harmless  removed the optional property `errors` from the response with the `401`, `404`, `422`, `500` status",
		}},
		"a page, by range": {all(map[string]any{"401": same, "4XX": html}), []string{
			"every operation",
			"breaking  removed the media type `application/json` for the response with the status `4XX`",
			"harmless  added the media type `text/html` for the response with the status `4XX`",
		}},
		"without a body, here and there": {func(at string, responses map[string]any) {
			responses["401"] = same
			if at == "get /account" {
				responses["429"] = map[string]any{"description": "no"}
			}
		}, []string{"GET /account", "breaking  removed the media type `application/json` for the response with the status `429`"}},
		"a status here, another there": {func(at string, responses map[string]any) {
			responses["401"] = html
			if strings.HasPrefix(at, "post ") {
				responses["422"] = html
			}
		}, []string{
			"every operation",
			"breaking  removed the media type `application/json` for the response with the status `401`, `422`",
			"harmless  added the media type `text/html` for the response with the status `401`, `422`",
		}},
	} {
		report := diff(t, withErrors(t, tc.describe))
		var text strings.Builder
		if err := report.WriteText(&text); err != nil {
			t.Fatal(err)
		}
		want := "No difference: a client cannot tell the two apart.\n"
		if len(tc.want) > 0 {
			want = "In both, but different. From our contract to the published one:\n\n  " + strings.Join(tc.want, "\n    ") + "\n"
		}
		if text.String() != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, text.String(), want)
		}
	}
}

func TestOtherFilesAreRefused(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		"":                             "no OpenAPI document",
		"hello":                        "no OpenAPI document",
		"<!DOCTYPE html><html></html>": "no OpenAPI document",
		`{"name":"pictor"}`:            `does not begin with a version`,
		`{"swagger":"2.0","paths":{}}`: "Swagger 2.0; convert it",
		`{"openapi":"3.0.0","info":{"title":"","version":""},"paths":{}}`: "no paths",
		`{"openapi":"3.0.0","paths":{"/a":{"$ref":"/etc/passwd"}}}`:       "no OpenAPI document that can be read",
	} {
		if _, err := contract.Diff(ours(t), []byte(document)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "root:") {
			t.Errorf("%q: %v, want %q", document, err, want)
		}
	}
}

// A document may leave out whatever the loader lets it; none brings Diff down.
func TestSparseDocumentsAreCompared(t *testing.T) {
	t.Parallel()
	for _, rest := range []string{
		`"paths":{"/account":{}}`,
		`"paths":{"/account":null}`,
		`"paths":{"/account":{"get":{}}}`,
		`"paths":{"/account":{"get":{"responses":{"200":{}}}}}`,
		`"paths":{"/account":{"get":{"responses":{"200":{"content":{"application/json":{}}}}}}}`,
		`"paths":{"/account":{"get":{"parameters":[{}],"responses":{"200":{"content":{"application/json":{"schema":{}}}}}}}}`,
		`"paths":{"/account":{"get":{"responses":{"401":{},"404":{"content":{"text/html":{}}},"default":{"content":{"application/json":{}}}}}}}`,
		`"paths":{"/account":{"get":{"responses":{"401":null,"404":{"content":{"text/html":null}}}}}}`,
		`"paths":{"/gpu-instances":{"post":{"requestBody":{},"security":[{"gone":[]}]}},"/ssh-keys/":{"get":{}}}`,
		`"paths":{"/{a}/{b}/{a}":{"get":{"parameters":[{"in":"path","name":"a"}]}}},"components":{"securitySchemes":{"x":{}}}`,
		`"paths":{"/account":{"get":{"responses":{"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/T"}}}}}}}},"components":{"schemas":{"T":{"properties":{"t":{"$ref":"#/components/schemas/T"}}}}}`,
	} {
		report, err := contract.Diff(ours(t), []byte(`{"openapi":"3.0.0",`+rest+`}`))
		if err == nil && report.Same() {
			t.Errorf("%s is the same as the contract", rest)
		}
	}
}
