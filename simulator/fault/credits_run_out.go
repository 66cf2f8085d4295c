package fault

import "github.com/pulumi-pictor/pulumi-pictor/simulator/engine"

// CreditsRunOut takes the account's credits away, down to zero.
type CreditsRunOut struct{}

func (CreditsRunOut) kind() string { return "credits_run_out" }

// Strike drains the account.
func (CreditsRunOut) Strike(w *engine.World, _ Target) error {
	w.DrainCredits()
	return nil
}
