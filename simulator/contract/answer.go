package contract

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// responseOf is the contract's answer with a status.
func responseOf(op operation, status int) *openapi3.Response {
	if r := op.Responses.Status(status); r != nil {
		return r.Value
	}
	return op.Responses.Default().Value
}

// mediaType is how the contract's answer with a status travels.
func mediaType(op operation, status int) string {
	for kind := range responseOf(op, status).Content {
		return kind // there is one
	}
	return ""
}

func looksLikeHTML(kind string, body []byte) bool {
	return kind == "text/html" || bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
}

func isArray(v any) bool {
	_, ok := v.([]any)
	return ok
}

// entries are what a list consists of, whether it stands alone, under data or
// under another name, once more wrapped or not.
func entries(list any) []any {
	switch l := list.(type) {
	case []any:
		return l
	case map[string]any:
		if data, ok := l["data"]; ok {
			return entries(data)
		}
		return entries(l[listName(l)])
	}
	return nil
}

// listName is the first field of an object that is a list, if any.
func listName(object map[string]any) string {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if isArray(object[name]) {
			return name
		}
	}
	return ""
}

// wrapping describes a list that is wrapped otherwise.
func (j *judge) wrapping(list any) string {
	switch l := list.(type) {
	case []any:
		return "a bare array"
	case map[string]any:
		if name := listName(l); name != "" {
			return "an object whose " + j.words.fieldName(name, l[name]) + " is the list"
		}
		if _, ok := l["data"].(map[string]any); ok {
			return "an object whose data is an object"
		}
	}
	return typeName(list)
}

// typeName is the JSON type of a value.
func typeName(v any) string {
	switch n := v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		return "a string"
	case json.Number:
		if strings.ContainsAny(n.String(), ".eE") {
			return "a number"
		}
		return "an integer"
	case float64: // the validator has turned it into one
		if n == math.Trunc(n) {
			return "an integer"
		}
		return "a number"
	case []any:
		return "an array"
	default:
		return "an object"
	}
}

func article(noun string) string {
	if strings.ContainsAny(noun[:min(len(noun), 1)], "aeiou") {
		return "an " + noun
	}
	return "a " + noun
}
