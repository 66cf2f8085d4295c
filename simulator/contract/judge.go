package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// judge holds one answer against the contract. What it says names fields, types
// and what the contract says, and never a value.
type judge struct {
	operation operation
	want      int
	words     vocabulary
	body      any // when it is JSON
	found     []Difference
}

func (j *judge) note(path, format string, args ...any) {
	d := Difference{Path: path, Reason: fmt.Sprintf(format, args...), Times: 1}
	i := slices.IndexFunc(j.found, func(o Difference) bool { return o.Path == d.Path && o.Reason == d.Reason })
	if i < 0 {
		j.found = append(j.found, d)
		return
	}
	j.found[i].Times++
}

func (j *judge) judge(resp *http.Response, body []byte) []Difference {
	j.found = []Difference{}
	status := resp.StatusCode
	switch {
	case status == j.want:
	case status >= 300 && status < 400:
		j.note("HTTP status", "is %d, a redirect (it was not followed), the contract says %d", status, j.want)
		return j.found
	default:
		j.note("HTTP status", "is %d, the contract says %d", status, j.want)
		if j.want >= http.StatusBadRequest && status < http.StatusBadRequest {
			return j.found // what it lets through has another shape, of course
		}
	}
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		kind = "no media type"
	}
	if looksLikeHTML(kind, body) {
		j.note("Body", "is an HTML page, the contract says %s", mediaType(j.operation, status))
		return j.found
	}
	// An unexpected 2xx is held against the expected answer, an unexpected
	// refusal against the contract's error.
	expected := j.want
	if status >= http.StatusBadRequest {
		expected = status
	}
	media := mediaType(j.operation, expected)
	if kind != media {
		j.note("Content-Type", "is %s, the contract says %s", j.words.mediaType(kind), media)
	}
	if media != "application/json" {
		return j.found
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber() // ids may be longer than a float is precise
	if err := decoder.Decode(&j.body); err != nil {
		j.note("Body", "is no JSON")
		return j.found
	}
	j.document(responseOf(j.operation, expected).Content["application/json"].Schema.Value)
	slices.SortStableFunc(j.found, func(a, b Difference) int { return strings.Compare(a.Path, b.Path) })
	return j.found
}

// document holds a whole body against its schema. Where only the wrapping
// differs, it says so once and goes on with what is wrapped.
func (j *judge) document(schema *openapi3.Schema) {
	list := schema.Properties["data"]
	isList := list != nil && list.Value.Items != nil
	object, isObject := j.body.(map[string]any)
	_, hasData := object["data"]
	switch {
	case isList && !(isObject && isArray(object["data"])):
		j.note("Body", "is %s, the contract says an object whose data is the list", j.wrapping(j.body))
		for _, entry := range entries(j.body) {
			j.value("[]", list.Value.Items.Value, entry)
		}
	case !isList && schema.Properties["data"] == nil && hasData && len(object) <= 3:
		j.note("Body", "is wrapped in data, the contract says it stands alone")
		j.value("data", schema, object["data"])
	default:
		j.value("", schema, j.body)
	}
}

// value holds a value against a schema, and names fields that the schema has not.
func (j *judge) value(at string, schema *openapi3.Schema, value any) {
	if err := schema.VisitJSON(value, openapi3.MultiErrors(), openapi3.VisitAsResponse()); err != nil {
		j.explain(at, err)
	}
	j.extras(at, schema, value)
}

// explain says in our own words what a validation error means.
func (j *judge) explain(at string, err error) {
	switch e := err.(type) { // not errors.As, which would see only the first of several
	case openapi3.MultiError:
		for _, one := range e {
			j.explain(at, one)
		}
	case *openapi3.SchemaError:
		if e.SchemaField == "allOf" && e.Origin != nil {
			j.explain(at, e.Origin) // which has the whole path
			return
		}
		for _, part := range e.JSONPointer() {
			if _, err := strconv.Atoi(part); err == nil {
				at += "[]" // every entry of a list has the same place
			} else {
				at = join(at, j.words.known(part))
			}
		}
		j.note(place(at), "%s", reason(e))
	default:
		if inner := errors.Unwrap(err); inner != nil {
			j.explain(at, inner)
			return
		}
		j.note(place(at), "does not fit the contract")
	}
}

func reason(e *openapi3.SchemaError) string {
	switch e.SchemaField {
	case "required":
		return "is missing"
	case "nullable":
		return "is null, the contract says " + wanted(e.Schema)
	case "type":
		return "is " + typeName(e.Value) + ", the contract says " + wanted(e.Schema)
	case "enum":
		return "is " + otherWord(e.Schema, e.Value)
	case "pattern", "format":
		return "is " + typeName(e.Value) + " of another shape, the contract says " + wanted(e.Schema)
	default:
		return "breaks the contract's " + e.SchemaField
	}
}

// wanted describes what a schema takes.
func wanted(s *openapi3.Schema) string {
	switch {
	case s.Extensions["x-go-type"] == "Credits":
		return "money as a decimal string"
	case s.Format != "":
		return article(strings.Join(s.Type.Slice(), " or ")) + " (" + s.Format + ")"
	case s.Type == nil:
		return "something else"
	default:
		return article(strings.Join(s.Type.Slice(), " or "))
	}
}

// otherWord is what can be said of a word that the contract's list lacks: which
// of them it is but for capitals and separators.
func otherWord(s *openapi3.Schema, value any) string {
	var words []string
	for _, word := range s.Enum {
		word := fmt.Sprint(word)
		if text, ok := value.(string); ok && plain(text) == plain(word) {
			return fmt.Sprintf("spelt otherwise than %q", word)
		}
		words = append(words, word)
	}
	return "none of " + strings.Join(words, ", ")
}

func plain(word string) string {
	return strings.NewReplacer(" ", "", "-", "", "_", "").Replace(strings.ToLower(word))
}

// extras names the fields that a schema does not have, and where.
func (j *judge) extras(at string, schema *openapi3.Schema, value any) {
	switch v := value.(type) {
	case map[string]any:
		fields := properties(schema)
		if len(fields) == 0 {
			return // a map, whose keys are values
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if field, ok := fields[name]; ok {
				j.extras(join(at, name), field, v[name])
			} else {
				j.note(place(join(at, j.words.fieldName(name, v[name]))), "is not in the contract (%s)", typeName(v[name]))
			}
		}
	case []any:
		if schema.Items == nil {
			return
		}
		for _, entry := range v {
			j.extras(at+"[]", schema.Items.Value, entry)
		}
	}
}

// properties are the fields of an object and of what it consists of.
func properties(schema *openapi3.Schema) map[string]*openapi3.Schema {
	all := map[string]*openapi3.Schema{}
	for name, p := range schema.Properties {
		all[name] = p.Value
	}
	for _, part := range schema.AllOf {
		maps.Copy(all, properties(part.Value))
	}
	return all
}

// join leads one step deeper.
func join(at, part string) string {
	if at == "" {
		return part
	}
	return at + "." + part
}

func place(at string) string {
	if at == "" {
		return "Body"
	}
	return at
}
