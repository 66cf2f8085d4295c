package api

import (
	"net/http"
	"strings"
	"sync"

	"github.com/agext/levenshtein"
	"github.com/getkin/kin-openapi/openapi3"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/journal"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// Hints says of requests that were refused what would have been taken instead.
// Make it with [NewHints].
type Hints struct {
	spec func() (*openapi3.T, error)
}

// NewHints makes hints out of the contract, which is read when the first one is
// asked for.
func NewHints() *Hints { return &Hints{sync.OnceValues(GetSpec)} }

// Of is the hint for a request of a sandbox; empty when there is none. It is
// about the sandbox as it is now.
func (h *Hints) Of(s *store.Sandbox, e *journal.Entry) string {
	if e.Fault != "" {
		return "" // it was not the request's fault
	}
	spec, err := h.spec()
	if err != nil {
		return ""
	}
	switch {
	case e.Operation == "" && (e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed):
		return hintOfPath(spec, e.Path)
	case e.Status == http.StatusNotFound:
		template, _ := operationOf(spec, e.Operation)
		return hintOfID(s, template, e.Path)
	case e.Status == http.StatusUnprocessableEntity:
		_, operation := operationOf(spec, e.Operation)
		return hintOfFields(s, operation, e)
	default:
		return ""
	}
}

// operationOf finds an operation and the path that it stands under.
func operationOf(spec *openapi3.T, id string) (path string, operation *openapi3.Operation) {
	for path, item := range spec.Paths.Map() {
		for _, operation := range item.Operations() {
			if operation.OperationID == id {
				return path, operation
			}
		}
	}
	return "", nil
}

// nearest is the word that takes the fewest edits to come to, whatever the case;
// the first of several. It is empty when there are no words.
func nearest(word string, words []string) (best string) {
	fewest := -1
	for _, w := range words {
		if edits := distance(word, w); fewest < 0 || edits < fewest {
			best, fewest = w, edits
		}
	}
	return best
}

// longestWord is longer than every word that there is to choose from. To count
// the edits of longer ones would cost seconds a request, and be of use to nobody.
const longestWord = 256

func distance(a, b string) int {
	if longest := max(len(a), len(b)); longest > longestWord {
		return longest
	}
	return levenshtein.Distance(strings.ToLower(a), strings.ToLower(b), nil)
}
