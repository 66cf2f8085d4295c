package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// EntryType is the kind of a ledger entry, as Pictor's transactions name them.
type EntryType string

// The kinds (docs.pictor.network, Payment & Billing, Transactions).
const (
	EntryPayment    EntryType = "payment"
	EntryCharge     EntryType = "charge"
	EntryPromotion  EntryType = "promotion"
	EntryRefund     EntryType = "refund"
	EntryAdjustment EntryType = "adjustment"
)

// Entry is one change of the balance. Entries are never changed or removed.
type Entry struct {
	Number       int       `json:"number"` // from 1
	At           time.Time `json:"at"`
	Type         EntryType `json:"type"`
	Amount       Credits   `json:"amount"` // below zero for a charge
	BalanceAfter Credits   `json:"balance_after"`
	InstanceID   string    `json:"instance_id,omitempty"` // empty when it belongs to none
	Description  string    `json:"description"`
}

// EntryID is the identifier of an entry, such as "txn_00000001".
func (w *World) EntryID(e Entry) string {
	if w.policy.NumericIDs {
		return strconv.Itoa(e.Number)
	}
	return fmt.Sprintf("txn_%08d", e.Number)
}

// ledger only grows: a world and its copy share the entries they have in common.
type ledger struct {
	entries []Entry
	balance Credits
}

// copy lets the copy's first entry go to memory of its own.
func (l ledger) copy() ledger {
	l.entries = slices.Clip(l.entries)
	return l
}

// book appends an entry; it is the only way the balance changes.
func (w *World) book(t EntryType, amount Credits, instanceID, description string) {
	l := &w.ledger
	l.balance += amount
	if len(l.entries) == cap(l.entries) {
		// Twice as many: append alone would move a long ledger far more often.
		l.entries = slices.Grow(l.entries, max(len(l.entries), 1))
	}
	l.entries = append(l.entries, Entry{
		Number:       len(l.entries) + 1,
		At:           w.now,
		Type:         t,
		Amount:       amount,
		BalanceAfter: l.balance,
		InstanceID:   instanceID,
		Description:  description,
	})
}

// charge takes an amount for an instance from the balance.
func (w *World) charge(inst *Instance, amount Credits, description string) {
	if amount == 0 {
		return
	}
	inst.CostSoFar += amount
	w.book(EntryCharge, -amount, inst.ID, description)
}

// refund gives an amount back for an instance.
func (w *World) refund(inst *Instance, amount Credits, description string) {
	if amount == 0 {
		return
	}
	inst.CostSoFar -= amount
	w.book(EntryRefund, amount, inst.ID, description)
}

// requireCredits is an insufficient-credits error unless the balance carries needed.
func (w *World) requireCredits(needed Credits) error {
	if w.ledger.balance < needed {
		return &Error{Code: CodeInsufficientCredits, Needed: needed, Balance: w.ledger.balance}
	}
	return nil
}

// Balance is the account's credits: the sum of all ledger entries.
func (w *World) Balance() Credits { return w.ledger.balance }

// Deposit tops the account up.
func (w *World) Deposit(amount Credits, description string) {
	w.book(EntryPayment, amount, "", description)
}

// Ledger has every entry, oldest first. The caller must not change it.
func (w *World) Ledger() []Entry { return w.ledger.entries }

// Entry finds a ledger entry by its id.
func (w *World) Entry(id string) (Entry, error) {
	n, err := strconv.Atoi(strings.TrimPrefix(id, "txn_"))
	if err == nil && n >= 1 && n <= len(w.ledger.entries) {
		if e := w.ledger.entries[n-1]; w.EntryID(e) == id {
			return e, nil
		}
	}
	return Entry{}, notFound("transaction", id)
}
