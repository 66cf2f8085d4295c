package dialect_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/dialect"
)

// The package knows ids, amounts, times and words by the names of their fields.
// The contract says which fields those are.
func TestTheFieldsAreTheContracts(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for name, schema := range contract(t).Components.Schemas {
		for field, property := range schema.Value.Properties {
			kind := kindOf(property)
			seen[kind]++
			for _, test := range []struct {
				kind, sent, got string
				dialect         dialect.Dialect
			}{
				{"ID", `"17"`, `17`, dialect.Dialect{IDs: dialect.IDNumbers}},
				{"[]ID", `["17","18"]`, `[17,18]`, dialect.Dialect{IDs: dialect.IDNumbers}},
				{"Credits", `"10.08"`, `10.08`, dialect.Dialect{Money: dialect.MoneyNumbers}},
				{"Credits", `"10.08"`, `"10.080000"`, dialect.Dialect{Money: dialect.MoneyPadded}},
				{"date-time", `"2026-01-01T00:00:00Z"`, `"2026-01-01T00:00:00.000000Z"`, dialect.Dialect{Times: dialect.TimeMicros}},
				{"InstanceStatus", `"running"`, `"RUNNING"`, dialect.Dialect{Statuses: dialect.StatusUpper}},
				{"word", `"linux"`, `"Linux"`, dialect.Dialect{Words: dialect.WordTitle}},
				{"word", `["linux"]`, `["Linux"]`, dialect.Dialect{Words: dialect.WordTitle}},
			} {
				want := test.sent
				if kind == test.kind {
					want = test.got
				}
				_, got := test.dialect.Answer("", 200, http.Header{"Content-Type": {"application/json"}}, fmt.Appendf(nil, `{%q:%s}`, field, test.sent))
				if strings.TrimSpace(string(got)) != fmt.Sprintf(`{%q:%s}`, field, want) {
					t.Errorf("%s.%s, which is %q: %s became %s, want %s", name, field, kind, test.sent, got, want)
				}
			}
		}
	}
	for _, kind := range []string{"ID", "[]ID", "Credits", "date-time", "InstanceStatus", "word"} {
		if seen[kind] == 0 {
			t.Errorf("the contract has no %s any more", kind)
		}
	}
}

func contract(t testing.TB) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("../../provider/pictor/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func kindOf(property *openapi3.SchemaRef) string {
	schema := property.Value
	if kind := property.Ref[strings.LastIndex(property.Ref, "/")+1:]; kind == "OS" || kind == "TransactionType" {
		return "word"
	} else if kind != "" {
		return kind
	}
	if schema.Type != nil && schema.Type.Is("array") {
		return strings.Replace("[]"+kindOf(schema.Items), "[]word", "word", 1)
	}
	if kind, ours := schema.Extensions["x-go-type"].(string); ours {
		return kind
	}
	return schema.Format
}

// The operations that a dialect treats in a way of their own are the contract's.
func TestTheOperationsAreTheContracts(t *testing.T) {
	t.Parallel()
	silent := dialect.Dialect{Changes: dialect.ChangeNothing, Create: 200, Delete: 204}
	for _, item := range contract(t).Paths.Map() {
		for method, op := range item.Operations() {
			for status := range op.Responses.Map() {
				var code int
				if _, err := fmt.Sscan(status, &code); err != nil {
					continue // default
				}
				got, _ := silent.Answer(op.OperationID, code, http.Header{"Content-Type": {"application/json"}}, []byte(`{"id":"17"}`))
				want := code
				switch {
				case code == 201:
					want = 200
				case op.OperationID == "extendInstance" || op.OperationID == "quoteInstance":
				case method != "GET":
					want = 204 // a change or a delete
				}
				if got != want {
					t.Errorf("%s answers %d, want %d", op.OperationID, got, want)
				}
			}
		}
	}
}
