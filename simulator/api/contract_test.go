package api_test

import (
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func contract(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("../../provider/pictor/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestTheContractIsValid(t *testing.T) {
	t.Parallel()
	// The examples of objects are excerpts; the others are held against their
	// schemas below.
	if err := contract(t).Validate(t.Context(), openapi3.DisableExamplesValidation()); err != nil {
		t.Error(err)
	}
}

// Whoever reads the contract is told of every operation and field what it is,
// what it looks like, and whether Pictor documents it or we inferred it.
func TestTheContractExplainsItself(t *testing.T) {
	t.Parallel()
	doc := contract(t)
	w := &explained{t: t, seen: map[*openapi3.Schema]bool{}}
	operations := 0
	for path, item := range doc.Paths.Map() {
		w.parameters(path, item.Parameters)
		for method, op := range item.Operations() {
			operations++
			w.operation(method+" "+path, op)
		}
	}
	for name, p := range doc.Components.Parameters {
		w.parameter("parameter "+name, p.Value)
	}
	for name, s := range doc.Components.Schemas {
		w.schema(name, s.Value)
	}
	if operations < 20 || w.fields < 100 {
		t.Errorf("only %d operations and %d fields were looked at", operations, w.fields)
	}
}

// explained walks through the contract; references lead on to what they name.
type explained struct {
	t      *testing.T
	seen   map[*openapi3.Schema]bool
	fields int
}

func (w *explained) source(where string, extensions map[string]any) {
	w.t.Helper()
	if source, _ := extensions["x-source"].(string); source != "documented" && source != "inferred" {
		w.t.Errorf("%s: x-source is %q, want documented or inferred", where, source)
	}
}

func (w *explained) operation(where string, op *openapi3.Operation) {
	w.source(where, op.Extensions)
	if op.OperationID == "" || op.Summary == "" || op.Description == "" {
		w.t.Errorf("%s: operationId %q, summary %q, description %q; none may be empty", where, op.OperationID, op.Summary, op.Description)
	}
	w.parameters(where, op.Parameters)
	if op.RequestBody != nil {
		w.content(where+" request", op.RequestBody.Value.Content)
	}
	for status, response := range op.Responses.Map() {
		if response.Value.Description == nil || *response.Value.Description == "" {
			w.t.Errorf("%s: its answer %s has no description", where, status)
		}
		w.content(where+" "+status, response.Value.Content)
	}
}

func (w *explained) content(where string, content openapi3.Content) {
	for kind, media := range content {
		w.schema(where+" "+kind, media.Schema.Value)
	}
}

func (w *explained) parameters(where string, list openapi3.Parameters) {
	for _, p := range list {
		w.parameter(where+" "+p.Value.Name, p.Value)
	}
}

func (w *explained) parameter(where string, p *openapi3.Parameter) {
	w.source(where, p.Extensions)
	if p.Description == "" || p.Example == nil {
		w.t.Errorf("%s: description %q, example %v; none may be empty", where, p.Description, p.Example)
	}
}

func (w *explained) schema(where string, s *openapi3.Schema) {
	if w.seen[s] {
		return
	}
	w.seen[s] = true
	w.fields++
	w.source(where, s.Extensions)
	if s.Description == "" {
		w.t.Errorf("%s has no description", where)
	}
	if s.Example == nil && !s.Nullable { // null is an example too
		w.t.Errorf("%s has no example", where)
	}
	if err := fits(s); err != nil {
		w.t.Errorf("%s: its own example does not fit it: %v", where, err)
	}
	for name, property := range s.Properties {
		w.schema(where+"."+name, property.Value)
	}
	for _, part := range s.AllOf {
		w.schema(where, part.Value)
	}
	// The entries of a list are explained with the list; what they name is not.
	if s.Items != nil && s.Items.Ref != "" {
		w.schema(where+"[]", s.Items.Value)
	}
}

// fits holds an example against its schema; those of objects are excerpts.
func fits(s *openapi3.Schema) error {
	if s.Example == nil || s.Type != nil && s.Type.Is("object") || len(s.AllOf) > 0 {
		return nil
	}
	return s.VisitJSON(s.Example)
}

// Every operation of the contract is tried in operations_test.go.
func operationIDs(t *testing.T) (ids []string) {
	t.Helper()
	for _, item := range contract(t).Paths.Map() {
		for _, op := range item.Operations() {
			ids = append(ids, op.OperationID)
		}
	}
	slices.Sort(ids)
	return ids
}
