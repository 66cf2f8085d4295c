package shape

import (
	"cmp"
	"math"
	"reflect"
	"regexp"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// Of is the shape of a schema; false where the schema asks for something that a
// shape cannot see.
func Of(schema *openapi3.Schema) (*Shape, bool) {
	value, ok := valueOf(schema)
	return &Shape{value}, ok
}

// valueOf takes from a copy of the schema whatever it sees to. What is left then
// would go unseen.
func valueOf(schema *openapi3.Schema) (v value, ok bool) {
	rest := *schema
	rest.Extensions, rest.Origin, rest.Title, rest.Description = nil, nil, "", ""
	rest.Default, rest.Example, rest.ExternalDocs, rest.Deprecated = nil, nil, nil, false
	rest.Nullable = false // which takes more, and no shape takes a null
	switch {
	case rest.Type.Is(openapi3.TypeObject):
		v, ok = objectOf(&rest)
	case rest.Type.Is(openapi3.TypeArray):
		v, ok = listOf(&rest)
	case rest.Type.Is(openapi3.TypeString):
		v, ok = wordOf(&rest)
	case rest.Type.Is(openapi3.TypeInteger):
		v, ok = numberOf(&rest), true
	case rest.Type.Is(openapi3.TypeBoolean):
		v, ok = boolean{}, true
	}
	rest.Type = nil
	return v, ok && reflect.DeepEqual(rest, openapi3.Schema{})
}

func objectOf(rest *openapi3.Schema) (value, bool) {
	const most = 64 // bits of required
	o := &object{}
	for name, property := range rest.Properties {
		v, ok := valueOf(property.Value)
		if !ok {
			return nil, false
		}
		o.fields = append(o.fields, field{name, v})
	}
	slices.SortFunc(o.fields, func(a, b field) int { return cmp.Compare(a.name, b.name) })
	for _, name := range rest.Required {
		i := slices.IndexFunc(o.fields, func(f field) bool { return f.name == name })
		if i < 0 {
			return nil, false
		}
		o.required |= 1 << i
	}
	rest.Properties, rest.Required = nil, nil
	return o, len(o.fields) <= most
}

func listOf(rest *openapi3.Schema) (value, bool) {
	const most = 100 // each is held against all others
	l := &list{most: most}
	if rest.MaxItems != nil {
		l.most = int(min(*rest.MaxItems, most))
	}
	item, ok := valueOf(rest.Items.Value)
	if w, words := item.(*word); ok && words {
		l.item = *w
	} else {
		ok = false
	}
	rest.Items, rest.MaxItems, rest.UniqueItems = nil, nil, false
	return l, ok
}

func wordOf(rest *openapi3.Schema) (value, bool) {
	w := &word{shortest: rest.MinLength, longest: math.MaxUint64}
	if rest.MaxLength != nil {
		w.longest = *rest.MaxLength
	}
	for _, one := range rest.Enum {
		text, ok := one.(string)
		if !ok {
			return nil, false
		}
		w.oneOf = append(w.oneOf, text)
	}
	var err error
	if rest.Pattern != "" {
		w.pattern, err = regexp.Compile(rest.Pattern)
	}
	rest.MinLength, rest.MaxLength, rest.Enum, rest.Pattern = 0, nil, nil, ""
	return w, err == nil
}

func numberOf(rest *openapi3.Schema) value {
	n := &number{math.Inf(-1), math.Inf(1)}
	if rest.Min != nil {
		n.least = *rest.Min
	}
	if rest.Max != nil {
		n.most = *rest.Max
	}
	rest.Min, rest.Max = nil, nil
	return n
}
