package contract

import (
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// vocabulary has the names that the contract uses anywhere: those of fields and
// parameters, tags, and the parts of paths. It knows which names can be shown.
type vocabulary struct {
	names map[string]bool
	key   string // in lower case: no name with it can
}

func vocabularyOf(spec *openapi3.T, key string) vocabulary {
	v := vocabulary{map[string]bool{}, strings.ToLower(key)}
	for path, item := range spec.Paths.Map() {
		for _, part := range strings.Split(path, "/") {
			v.names[part] = true
		}
		v.parameters(item.Parameters)
		for _, op := range item.Operations() {
			v.parameters(op.Parameters)
			for _, tag := range op.Tags {
				v.names[tag] = true
			}
		}
	}
	seen := map[*openapi3.Schema]bool{}
	for _, ref := range spec.Components.Schemas {
		v.fields(ref.Value, seen)
	}
	return v
}

func (v vocabulary) parameters(list openapi3.Parameters) {
	for _, ref := range list {
		v.names[ref.Value.Name] = true
	}
}

// fields adds what a schema consists of; seen lets one that contains itself end.
func (v vocabulary) fields(schema *openapi3.Schema, seen map[*openapi3.Schema]bool) {
	if seen[schema] {
		return
	}
	seen[schema] = true
	for name, ref := range schema.Properties {
		v.names[name] = true
		v.fields(ref.Value, seen)
	}
	for _, part := range schema.AllOf {
		v.fields(part.Value, seen)
	}
	if schema.Items != nil {
		v.fields(schema.Items.Value, seen)
	}
}

// known is a name that the contract uses; another one may be the account's own.
func (v vocabulary) known(name string) string {
	if v.names[name] {
		return name
	}
	return "(a name that is withheld)"
}

// hasKey tells whether a service has put the API key into a word, in capitals or not.
func (v vocabulary) hasKey(word string) bool { return strings.Contains(strings.ToLower(word), v.key) }

var spelling = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{0,39}$`)

// fieldName is the key of a value, if it is surely a field's. An object can be keyed
// by names of the account, so that a key that the contract does not know is shown
// only with a plain value behind it.
func (v vocabulary) fieldName(name string, value any) string {
	switch value.(type) {
	case map[string]any, []any:
		return v.known(name)
	}
	if spelling.MatchString(name) && !v.hasKey(name) {
		return name
	}
	return v.known(name)
}

var mediaSpelling = regexp.MustCompile(`^(application|text|image)/[a-z0-9.+-]{1,40}$|^no media type$`)

// mediaType is a media type, unless it is something odd.
func (v vocabulary) mediaType(kind string) string {
	if mediaSpelling.MatchString(kind) && !v.hasKey(kind) {
		return kind
	}
	return "another one"
}
