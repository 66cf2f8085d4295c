package simtest

import (
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// Instances are the machines that have not been completely deleted, the oldest
// first.
func (s *Sim) Instances() (list []engine.Instance) {
	s.sandbox.View(func(w *engine.World) { list = w.Instances(func(*engine.Instance) bool { return true }) })
	return list
}

// Ledger is every change of the balance, oldest first.
func (s *Sim) Ledger() (entries []engine.Entry) {
	s.sandbox.View(func(w *engine.World) { entries = append(entries, w.Ledger()...) })
	return entries
}

// Balance is the account's credits.
func (s *Sim) Balance() (balance engine.Credits) {
	s.sandbox.View(func(w *engine.World) { balance = w.Balance() })
	return balance
}

// Bill is what the test has paid for so far, by what it was for. A world that
// began with [Data] or [From] is billed from there on.
func (s *Sim) Bill() (bill engine.Bill) {
	s.sandbox.View(func(w *engine.World) { bill = w.Bill(s.expects.entries) })
	return bill
}

// Cost is what the bill comes to.
func (s *Sim) Cost() engine.Credits { return s.Bill().Total }

// Do changes the world by the engine's own commands, as somebody else with the
// same account would.
func (s *Sim) Do(t testing.TB, change func(w *engine.World) error) {
	t.Helper()
	if err := s.sandbox.Update(change); err != nil {
		t.Fatalf("change of the sandbox: %v", err)
	}
}

// NewKey makes another API key of the account, revokes all that there were, and
// returns its secret. [Sim.APIKey] stays the old one.
func (s *Sim) NewKey(t testing.TB) (secret string) {
	t.Helper()
	var old []engine.APIKey
	s.sandbox.View(func(w *engine.World) { old = w.APIKeys() })
	_, secret, err := s.sandbox.CreateKey("new", "")
	for _, key := range old {
		if err == nil {
			_, err = s.sandbox.RevokeKey(key.ID)
		}
	}
	if err != nil {
		t.Fatalf("new key: %v", err)
	}
	return secret
}
