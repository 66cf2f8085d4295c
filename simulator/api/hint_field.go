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
// nearest thing.
func hintOfFields(s *store.Sandbox, operation *openapi3.Operation, e *journal.Entry) string {
	if operation == nil {
		return ""
	}
	var hints []string
	words := map[string][]any{} // of the query, by parameter
	for _, p := range operation.Parameters {
		if p.Value.In == openapi3.ParameterInQuery {
			words[p.Value.Name] = p.Value.Schema.Value.Enum
		}
	}
	query, _ := url.ParseQuery(e.Query) // as much of it as can be read
	for name := range query {
		hints = append(hints, hintOfField("parameter", operation.OperationID, name, words, slices.Collect(maps.Keys(query)), query.Get(name)))
	}

	var body map[string]any
	if json.Unmarshal(e.Body.Data, &body) == nil && operation.RequestBody != nil {
		words := map[string][]any{}
		for name, property := range operation.RequestBody.Value.Content.Get("application/json").Schema.Value.Properties {
			words[name] = property.Value.Enum
		}
		for name, value := range body {
			hints = append(hints, hintOfField("field", operation.OperationID, name, words, slices.Collect(maps.Keys(body)), value))
			for _, id := range idsIn(value) {
				hints = append(hints, hintOfThing(s, name, id))
			}
		}
	}
	hints = slices.DeleteFunc(hints, func(hint string) bool { return hint == "" })
	slices.Sort(hints)
	return strings.Join(slices.Compact(hints), "; ")
}

// hintOfField is about one field: its name, which is looked for among those that
// were not given, or its word, where it takes only some.
func hintOfField(kind, operation, name string, known map[string][]any, given []string, value any) string {
	enum, isKnown := known[name]
	if !isKnown {
		left := slices.DeleteFunc(slices.Sorted(maps.Keys(known)), func(n string) bool { return slices.Contains(given, n) })
		if len(left) == 0 {
			return fmt.Sprintf("%q is no %s of %s", name, kind, operation)
		}
		return fmt.Sprintf("%q is no %s of %s: is %q meant?", name, kind, operation, nearest(name, left))
	}
	word, isWord := value.(string)
	var words []string
	for _, w := range enum {
		words = append(words, fmt.Sprint(w))
	}
	if !isWord || len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, word) }) {
		return ""
	}
	return fmt.Sprintf("%s %q: is %q meant?", name, word, nearest(word, words))
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
