package engine

import (
	"time"
)

// Config is what a world starts with.
type Config struct {
	// Seed decides every identifier and address.
	Seed uint64
	// Account is the owner.
	Account Account
	// Offers is the market; the world takes it over.
	Offers []Offer
	// Credits is the opening balance, booked as a promotion.
	Credits Credits
	Timings Timings
	Policy  Policy
	Clock   Clock
}

// Timings says how long the transitions of an instance take.
type Timings struct {
	// Pending is from the rental until provisioning begins.
	Pending time.Duration
	// Provisioning is from then until it runs.
	Provisioning time.Duration
	Stopping     time.Duration
	Starting     time.Duration
	Deleting     time.Duration
}

// Policy chooses between ways in which a real service could behave where
// Pictor documents nothing. The zero value is the contract's.
type Policy struct {
	// AllowDuplicateNames lets several instances have one name.
	AllowDuplicateNames bool
	// IgnoreIdempotencyKeys makes every request a new one.
	IgnoreIdempotencyKeys bool
	// RefundOnDelete gives the unused whole hours back on an early delete.
	RefundOnDelete bool
	// StopOnFailedRenewal stops an instance that cannot be renewed for lack of
	// credits, instead of terminating it.
	StopOnFailedRenewal bool
}

// Account is the owner of everything in a world.
type Account struct {
	ID, Name, Email string
}

// World is one sandbox's state. Make it with [New].
type World struct {
	seed    uint64
	account Account
	timings Timings
	policy  Policy
	clock   Clock
	now     time.Time

	market    market
	instances instances
	sshKeys   sshKeys
	apiKeys   []APIKey
	ledger    ledger
	answers   map[string]answer
	due       schedule
}

// New makes a world at the time its clock shows at the wall time wall.
func New(cfg Config, wall time.Time) *World {
	w := &World{
		seed:      cfg.Seed,
		account:   cfg.Account,
		timings:   cfg.Timings,
		policy:    cfg.Policy,
		clock:     cfg.Clock,
		now:       cfg.Clock.At(wall),
		market:    newMarket(cfg.Offers),
		instances: newInstances(),
		answers:   map[string]answer{},
	}
	if cfg.Credits != 0 {
		w.book(EntryPromotion, cfg.Credits, "", "opening balance of the sandbox")
	}
	return w
}

// Account is the owner.
func (w *World) Account() Account { return w.account }

// Now is the time up to which everything has happened.
func (w *World) Now() time.Time { return w.now }

// Settle lets everything happen that is due at the given wall time, in order,
// and returns the sandbox's time. Time never goes back.
func (w *World) Settle(wall time.Time) time.Time {
	return w.settleTo(w.clock.At(wall))
}

// Advance moves the clock forward by d, at most to [Latest], and settles. A
// negative d does nothing.
func (w *World) Advance(d time.Duration, wall time.Time) time.Time {
	w.clock = w.clock.advanced(earlier(w.Settle(wall).Add(max(d, 0)), Latest), wall)
	return w.Settle(wall)
}

// NextEvent is the time of the next thing that is going to happen, if any.
func (w *World) NextEvent() (time.Time, bool) {
	e, ok := w.nextDue()
	return e.at, ok
}

func (w *World) settleTo(t time.Time) time.Time {
	for {
		e, ok := w.nextDue()
		if !ok || e.at.After(t) {
			break
		}
		w.due.pop()
		w.now = e.at
		w.happen(e)
	}
	if t.After(w.now) {
		w.now = t
	}
	return w.now
}
