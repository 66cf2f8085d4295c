package contract

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Operation says of an operation of the contract where it comes from and how
// deeply the simulator imitates it.
type Operation struct {
	ID      string `json:"operation_id"`
	Method  string `json:"method"`
	Path    string `json:"path"`
	Summary string `json:"summary"`
	Source  string `json:"source"` // documented or inferred
	Depth   Depth  `json:"depth"`
	// Missing is what a partial imitation lacks, else empty.
	Missing string `json:"missing,omitempty"`
	// Request counts the parameters and the fields of the body, Answer those of
	// the answer when all goes well, each with the fields of their fields.
	Request Sources `json:"request"`
	Answer  Sources `json:"answer"`
}

// Sources counts fields by where they come from.
type Sources struct {
	Documented int `json:"documented"`
	Inferred   int `json:"inferred"`
}

// Fidelity lists the operations of the contract by path and method. An operation
// that the table of imitations does not have is an error.
func Fidelity(spec *openapi3.T) ([]Operation, error) {
	table := imitations()
	var list []Operation
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			known, ok := table[op.OperationID]
			if !ok {
				return nil, fmt.Errorf("nothing says how deeply %s (%s %s) is imitated: add it to the table of imitations", op.OperationID, method, path)
			}
			delete(table, op.OperationID)
			list = append(list, Operation{
				ID: op.OperationID, Method: method, Path: path, Summary: op.Summary, Source: source(op.Extensions),
				Depth: known.depth, Missing: known.missing,
				Request: requestSources(item, op), Answer: answerSources(op),
			})
		}
	}
	if len(table) > 0 {
		surplus := slices.Sorted(maps.Keys(table))
		return nil, fmt.Errorf("the table of imitations has what the contract has not: %s", strings.Join(surplus, ", "))
	}
	slices.SortFunc(list, func(a, b Operation) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
	return list, nil
}

func source(extensions map[string]any) string {
	s, _ := extensions["x-source"].(string)
	return s
}

func requestSources(item *openapi3.PathItem, op *openapi3.Operation) (s Sources) {
	for _, p := range slices.Concat(item.Parameters, op.Parameters) {
		s.count(p.Value.Extensions)
	}
	if op.RequestBody != nil {
		s.content(op.RequestBody.Value.Content)
	}
	return s
}

func answerSources(op *openapi3.Operation) (s Sources) {
	for status, answer := range op.Responses.Map() {
		if strings.HasPrefix(status, "2") {
			s.content(answer.Value.Content)
		}
	}
	return s
}

func (s *Sources) count(extensions map[string]any) {
	switch source(extensions) {
	case "documented":
		s.Documented++
	case "inferred":
		s.Inferred++
	}
}

func (s *Sources) content(content openapi3.Content) {
	for _, media := range content {
		schema := media.Schema.Value
		if len(schema.Properties) == 0 {
			s.count(schema.Extensions) // text is one field
		}
		s.fields(schema, map[*openapi3.Schema]bool{})
	}
}

// fields counts what a schema consists of; above has the schemas that it is a
// part of, so that one that contains itself ends.
func (s *Sources) fields(schema *openapi3.Schema, above map[*openapi3.Schema]bool) {
	if above[schema] {
		return
	}
	above[schema] = true
	defer delete(above, schema)
	for _, property := range schema.Properties {
		s.count(property.Value.Extensions)
		s.fields(property.Value, above)
	}
	for _, part := range schema.AllOf {
		s.fields(part.Value, above)
	}
	if schema.Items != nil {
		s.fields(schema.Items.Value, above)
	}
}
