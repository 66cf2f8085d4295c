package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// alignment is what aligning two documents found out.
type alignment struct {
	prefix string // of the published paths
	// shared are the operations that both have.
	shared []Endpoint
	// silent are those of which only our document says how errors look.
	silent []Endpoint
	// errors are, by the name that stands in their place, the statuses with which
	// an operation answers the same error.
	errors map[string]map[Endpoint][]string
}

// alignErrors has the errors of both documents compared, though ours describes
// them once, as the default of an operation, and others list statuses. Of each
// operation those that look alike become one response, under a name that our
// default has then, too.
func (a *alignment) alignErrors(ours, published *openapi3.T) error {
	a.errors = map[string]map[Endpoint][]string{}
	name := map[string]string{} // by what the error looks like
	for _, path := range slices.Sorted(maps.Keys(published.Paths.Map())) {
		our := ours.Paths.Value(path)
		if our == nil {
			continue
		}
		operations := published.Paths.Value(path).Operations()
		for _, method := range slices.Sorted(maps.Keys(operations)) {
			op, base := operations[method], our.GetOperation(method)
			if base == nil {
				continue
			}
			at := Endpoint{Method: method, Path: path}
			a.shared = append(a.shared, at)
			fallback := base.Responses.Default()
			if fallback == nil {
				continue
			}
			base.Responses.Delete("default")
			statuses := slices.DeleteFunc(slices.Sorted(maps.Keys(op.Responses.Map())), func(status string) bool {
				return !isError(status) || base.Responses.Value(status) != nil
			})
			if len(statuses) == 0 {
				a.silent = append(a.silent, at)
			}
			for _, status := range statuses {
				response := op.Responses.Value(status)
				look, err := lookOf(response)
				if err != nil {
					return err
				}
				if name[look] == "" {
					name[look] = fmt.Sprintf("error#%d", len(name))
					a.errors[name[look]] = map[Endpoint][]string{}
				}
				op.Responses.Delete(status)
				op.Responses.Set(name[look], response)
				base.Responses.Set(name[look], fallback)
				a.errors[name[look]][at] = append(a.errors[name[look]][at], status)
			}
		}
	}
	return nil
}

// isError tells whether a response is one to a request that was refused; a default
// is where nothing else describes it.
func isError(status string) bool {
	return status == "default" || len(status) == 3 && (status[0] == '4' || status[0] == '5')
}

// lookOf is the same for errors of which a client sees no difference but the
// status: they are told apart by their media types, schemas and headers.
func lookOf(ref *openapi3.ResponseRef) (string, error) {
	look := struct {
		Schemas map[string]*openapi3.SchemaRef
		Headers openapi3.Headers
	}{Schemas: map[string]*openapi3.SchemaRef{}}
	if ref != nil && ref.Value != nil {
		look.Headers = ref.Value.Headers
		for kind, media := range ref.Value.Content {
			if media != nil {
				look.Schemas[kind] = media.Schema
			}
		}
	}
	text, err := json.Marshal(look)
	if err != nil {
		return "", fmt.Errorf("compare the errors of the two documents: %w", err)
	}
	return string(text), nil
}

var errorName = regexp.MustCompile(`error#\d+`)

// statuses writes the statuses of some operations into a text, for the names that
// stand in their place.
func (a *alignment) statuses(text string, of []Endpoint) string {
	return errorName.ReplaceAllStringFunc(text, func(name string) string {
		var list []string
		for _, at := range of {
			list = append(list, a.errors[name][at]...)
		}
		if len(list) == 0 {
			return name
		}
		slices.Sort(list)
		return strings.Join(slices.Compact(list), "`, `")
	})
}
