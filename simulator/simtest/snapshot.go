package simtest

import "github.com/pulumi-pictor/pulumi-pictor/simulator/store"

// Snapshot is the whole world as it is now; [From] begins with it.
func (s *Sim) Snapshot() store.Snapshot { return s.sandbox.Snapshot() }

// Fork starts a second simulator for the same test whose world is like this one's
// now, the plans of faults included. From here on they go their own ways. What
// was rented before is not the fork's to give back or to pay for.
func (s *Sim) Fork() *Sim {
	s.t.Helper()
	return New(s.t, append(s.options[:len(s.options):len(s.options)], Data(""), From(s.Snapshot()))...)
}
