package engine

import (
	"cmp"
	"fmt"
	"slices"
)

// Load makes the world that a whole [State] describes, or says why there is none
// like it. Nothing of it changes the State, which can be loaded again.
func Load(s State) (*World, error) {
	w := newWorld(NewMarket(slices.Clone(s.Market)))
	w.seed, w.account, w.timings, w.policy = s.Head.Seed, s.Head.Account, s.Head.Timings, s.Head.Policy
	w.clock, w.now = s.Head.Clock, s.Head.Now.UTC()
	if err := cmp.Or(s.Head.Check(), checkMarket(s.Market)); err != nil {
		return nil, err
	}
	for _, inst := range s.Instances {
		if err := w.checkInstance(inst); err != nil {
			return nil, fmt.Errorf("instance %s %w", inst.ID, err)
		}
		inst.owner = w.owner
		w.instances.add(&inst)
		w.due.enter(&inst)
		o := w.editOffer(inst.OfferID)
		if o.take(inst.GPUCount, inst.StorageGB); inst.Released {
			o.release(inst.GPUCount)
		}
	}
	for i, o := range s.Offers {
		if i < 0 || i >= len(s.Market) || !o.isOf(s.Market[i]) {
			return nil, fmt.Errorf("offer %s cannot have become of number %d of the market: only gpus_available, disk_available_gb and withdrawn may differ", o.ID, i)
		}
		if err := checkOffer(o); err != nil {
			return nil, err
		}
		o.place, o.apart, o.owner = i, true, w.owner
		w.market.changed.Set(i, &o)
	}
	if err := cmp.Or(w.checkTaken(s.Instances), w.checkDue()); err != nil {
		return nil, err
	}
	entries := slices.SortedFunc(slices.Values(s.Ledger), func(a, b Entry) int { return cmp.Compare(a.Number, b.Number) })
	for i, e := range entries {
		if e.Number != i+1 || e.BalanceAfter != w.ledger.balance+e.Amount || (e.BalanceAfter > w.ledger.balance) != (e.Amount > 0) {
			return nil, fmt.Errorf("entry %d of the ledger does not add up: %d after %d", e.Number, e.BalanceAfter, w.ledger.balance)
		}
		w.ledger.balance = e.BalanceAfter
	}
	w.ledger.entries = entries
	for _, key := range s.SSHKeys {
		if _, twice := w.sshKeys.ordered.Get(key.Ordinal); twice || key.Ordinal < 1 || key.Ordinal > mostNumbers {
			return nil, fmt.Errorf("SSH key %s cannot have the number %d", key.ID, key.Ordinal)
		}
		if !canCount(key.Fingerprint, 1) {
			return nil, fmt.Errorf("SSH key %s cannot have the fingerprint %.80q", key.ID, key.Fingerprint)
		}
		w.sshKeys.set(key)
	}
	w.apiKeys = slices.Clone(s.APIKeys)
	for _, a := range s.Answers {
		if _, twice := w.answers.oldest.Get(a.Number); twice || a.Number < 1 || a.Number > mostNumbers {
			return nil, fmt.Errorf("two answers, or none, can have the number %d", a.Number)
		}
		w.answers.add(&a)
	}
	for name, n := range s.Names {
		if !canCount(name, n) {
			return nil, fmt.Errorf("the name %.80q cannot have been given %d times", name, n)
		}
		w.instances.wasGiven(name, n)
	}
	for print, n := range s.Fingerprints {
		if !canCount(print, n) {
			return nil, fmt.Errorf("the fingerprint %.80q cannot have been added %d times", print, n)
		}
		w.sshKeys.used.Set(print, n)
	}
	w.instances.count = max(w.instances.count, s.Head.Rentals)
	w.sshKeys.count = max(w.sshKeys.count, s.Head.Keys)
	w.answers.count = max(w.answers.count, s.Head.AnswerCount)
	return w, nil
}
