package engine

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Load makes the world that a whole [State] describes, or says why there is none
// like it. Nothing of it changes the State, which can be loaded again.
func Load(s State) (*World, error) {
	w := newWorld(NewMarket(s.Market))
	w.seed, w.account, w.timings, w.policy = s.Head.Seed, s.Head.Account, s.Head.Timings, s.Head.Policy
	w.clock, w.now = s.Head.Clock, s.Head.Now.UTC()
	if w.now.After(Latest) || w.clock.Origin.After(Latest) {
		return nil, fmt.Errorf("its clock shows %s, and clocks stop at %s", w.now.Format(time.RFC3339), Latest.Format(time.RFC3339))
	}
	for i, o := range s.Offers {
		if i < 0 || i >= len(s.Market) || o.ID != s.Market[i].ID {
			return nil, fmt.Errorf("offer %s is not number %d of the market", o.ID, i)
		}
		o.owner = w.owner
		w.market.changed.Set(i, &o)
	}
	for _, inst := range s.Instances {
		if err := w.check(inst); err != nil {
			return nil, fmt.Errorf("instance %s %w", inst.ID, err)
		}
		inst.owner = w.owner
		w.instances.add(&inst)
		w.due.enter(&inst)
	}
	entries := slices.SortedFunc(slices.Values(s.Ledger), func(a, b Entry) int { return cmp.Compare(a.Number, b.Number) })
	for i, e := range entries {
		if e.Number != i+1 || e.BalanceAfter != w.ledger.balance+e.Amount {
			return nil, fmt.Errorf("entry %d of the ledger does not add up: %d after %d", e.Number, e.BalanceAfter, w.ledger.balance)
		}
		w.ledger.balance = e.BalanceAfter
	}
	w.ledger.entries = entries
	for _, key := range s.SSHKeys {
		if _, twice := w.sshKeys.ordered.Get(key.Ordinal); twice || key.Ordinal < 1 {
			return nil, fmt.Errorf("SSH key %s cannot have the number %d", key.ID, key.Ordinal)
		}
		w.sshKeys.set(key)
	}
	w.apiKeys = slices.Clone(s.APIKeys)
	for _, a := range s.Answers {
		if _, twice := w.answers.oldest.Get(a.Number); twice || a.Number < 1 {
			return nil, fmt.Errorf("two answers, or none, have the number %d", a.Number)
		}
		w.answers.add(&a)
	}
	for name, n := range s.Names {
		if name == "" {
			return nil, fmt.Errorf("a name is empty")
		}
		w.instances.named.Set(name, n)
	}
	for print, n := range s.Fingerprints {
		if print == "" {
			return nil, fmt.Errorf("a fingerprint is empty")
		}
		w.sshKeys.used.Set(print, n)
	}
	w.instances.count = max(w.instances.count, s.Head.Rentals)
	w.sshKeys.count = max(w.sshKeys.count, s.Head.Keys)
	w.answers.count = max(w.answers.count, s.Head.AnswerCount)
	return w, nil
}

// end is when the last rental ends that can be made or extended, and more; the
// schedule counts nanoseconds, which go on for a while yet.
var end = Latest.AddDate(20, 0, 0)

// check says why an instance cannot be in this world.
func (w *World) check(inst Instance) error {
	if _, ok := w.market.offer(inst.OfferID); !ok {
		return fmt.Errorf("stands on the unknown offer %s", inst.OfferID)
	}
	if _, twice := w.instances.ordered.Get(inst.Ordinal); twice || inst.Ordinal < 1 {
		return fmt.Errorf("cannot have the number %d", inst.Ordinal)
	}
	if _, twice := w.instances.byID.Get(inst.ID); twice || inst.ID == "" {
		return fmt.Errorf("is there twice, or has no id")
	}
	for _, t := range []time.Time{inst.CreatedAt, inst.ExpiresAt, inst.ReachableAt, inst.StepAt, inst.StorageAt, inst.DiesAt} {
		if t.After(end) {
			return fmt.Errorf("goes on until %s, which is too late", t.Format(time.RFC3339))
		}
	}
	return nil
}
