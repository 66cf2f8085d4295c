package simtest

import (
	"slices"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/journal"
)

// Filter chooses requests.
type Filter func(*journal.Entry) bool

// Requests are the latest 1,000 requests to the API that every filter lets
// through, with what was answered, oldest first and without the secrets in them.
func (s *Sim) Requests(filters ...Filter) []*journal.Entry {
	return s.sandbox.Journal.Entries(func(e *journal.Entry) bool {
		return !slices.ContainsFunc(filters, func(f Filter) bool { return !f(e) })
	})
}

// Operation lets the requests of an operation through, by the contract's
// operationId, such as "createInstance".
func Operation(id string) Filter { return func(e *journal.Entry) bool { return e.Operation == id } }

// Status lets the requests through that were answered with a status; 0 are those
// whose connection broke.
func Status(code int) Filter { return func(e *journal.Entry) bool { return e.Status == code } }

// Faulty lets the requests through that a fault hit.
func Faulty(e *journal.Entry) bool { return e.Fault != "" }
