package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/journal"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// hintOfFields names, for every field and word of a refused request that the
// contract does not know, the nearest one that it does, and for unknown ids the
// nearest thing. The request is read as the sandbox's dialect has it.
func hintOfFields(s *store.Sandbox, operation *openapi3.Operation, e *journal.Entry) string {
	if operation == nil {
		return ""
	}
	var hints []string
	d := s.Settings().Dialect
	query, _ := url.ParseQuery(e.Query) // as much of it as can be read
	d.Query(query)
	parameters := choice{kind: "parameter", operation: operation.OperationID, words: map[string][]any{}, given: slices.Collect(maps.Keys(query))}
	for _, p := range operation.Parameters {
		if p.Value.In == openapi3.ParameterInQuery {
			parameters.words[p.Value.Name] = p.Value.Schema.Value.Enum
		}
	}
	for name := range query {
		hints = append(hints, parameters.hint(name, query.Get(name)))
	}

	var body map[string]any
	if json.Unmarshal(d.Request(e.Body.Data), &body) == nil && operation.RequestBody != nil {
		schema := operation.RequestBody.Value.Content.Get("application/json").Schema.Value
		fields := choice{kind: "field", operation: operation.OperationID, words: map[string][]any{}, given: slices.Collect(maps.Keys(body)), required: schema.Required}
		for name, property := range schema.Properties {
			fields.words[name] = property.Value.Enum
		}
		for name, value := range body {
			hints = append(hints, fields.hint(name, value))
			for _, id := range idsIn(value) {
				hints = append(hints, hintOfThing(s, name, id))
			}
		}
	}
	hints = slices.DeleteFunc(hints, func(hint string) bool { return hint == "" })
	slices.Sort(hints)
	return strings.Join(slices.Compact(hints), "; ")
}

// choice is the fields that there are to choose from.
type choice struct {
	kind, operation string
	words           map[string][]any // by field, where it takes only some
	given, required []string
}

// hint is about one field: its name, or its word, where it takes only some.
func (c choice) hint(name string, value any) string {
	if enum, isKnown := c.words[name]; isKnown {
		return hintOfWord(name, value, enum)
	}
	isGiven := func(n string) bool { return slices.Contains(c.given, n) }
	left := slices.DeleteFunc(slices.Sorted(maps.Keys(c.words)), isGiven)
	missing := slices.DeleteFunc(slices.Clone(c.required), isGiven)
	meant := nearest(name, left)
	if 2*distance(name, meant) > len(name) { // not alike: rather one that is needed
		meant = nearest(name, missing)
	}
	if meant == "" {
		return fmt.Sprintf("%q is no %s of %s", name, c.kind, c.operation)
	}
	return fmt.Sprintf("%q is no %s of %s: is %q meant?", name, c.kind, c.operation, meant)
}

func hintOfWord(field string, value any, enum []any) string {
	var words []string
	for _, w := range enum {
		words = append(words, fmt.Sprint(w))
	}
	word, isWord := value.(string)
	if !isWord || len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, word) }) {
		return ""
	}
	return fmt.Sprintf("%s %q: is %q meant?", field, word, nearest(word, words))
}

// idsIn are the identifiers in a field, which has one or a list.
func idsIn(value any) (ids []string) {
	switch v := value.(type) {
	case string:
		ids = append(ids, v)
	case []any:
		for _, entry := range v {
			if id, isString := entry.(string); isString {
				ids = append(ids, id)
			}
		}
	}
	return ids
}
