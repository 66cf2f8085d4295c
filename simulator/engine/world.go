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
	// Market is what is on offer at first.
	Market *Market
	// Credits is the opening balance, booked as a promotion.
	Credits Credits
	Timings Timings
	Policy  Policy
	Clock   Clock
}

// Timings says how long the transitions of an instance take.
type Timings struct {
	// Pending is from the rental until provisioning begins.
	Pending time.Duration `json:"pending"`
	// Provisioning is from then until it runs.
	Provisioning time.Duration `json:"provisioning"`
	Stopping     time.Duration `json:"stopping"`
	Starting     time.Duration `json:"starting"`
	Deleting     time.Duration `json:"deleting"`
}

// Policy chooses between ways in which a real service could behave where
// Pictor documents nothing. The zero value is the contract's.
type Policy struct {
	// AllowDuplicateNames lets several instances have one name.
	AllowDuplicateNames bool `json:"allow_duplicate_names,omitempty"`
	// IgnoreIdempotencyKeys makes every request a new one.
	IgnoreIdempotencyKeys bool `json:"ignore_idempotency_keys,omitempty"`
	// RefundOnDelete gives the unused whole hours back on an early delete.
	RefundOnDelete bool `json:"refund_on_delete,omitempty"`
	// StopOnFailedRenewal stops an instance that cannot be renewed for lack of
	// credits, instead of terminating it.
	StopOnFailedRenewal bool `json:"stop_on_failed_renewal,omitempty"`
	// DeleteAtOnce makes a deleted instance disappear without a transition.
	DeleteAtOnce bool `json:"delete_at_once,omitempty"`
	// NumericIDs makes identifiers numbers that count up, instead of drawing them.
	NumericIDs bool `json:"numeric_ids,omitempty"`
}

// Account is the owner of everything in a world.
type Account struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

// World is one sandbox's state. Make it with [New] or [Load].
type World struct {
	seed    uint64
	account Account
	timings Timings
	policy  Policy
	clock   Clock
	now     time.Time

	market    stock
	instances instances
	sshKeys   sshKeys
	apiKeys   []APIKey
	ledger    ledger
	answers   answers
	due       schedule

	owner   *owner
	changed *changes // nil when nobody asks for them
}

func newWorld(market *Market) *World {
	return &World{
		market:    newStock(market),
		instances: newInstances(),
		sshKeys:   newSSHKeys(),
		answers:   newAnswers(),
		due:       newSchedule(),
		owner:     &owner{},
		changed:   &changes{},
	}
}

// New makes a world at the time its clock shows at the wall time wall.
func New(cfg Config, wall time.Time) *World {
	w := newWorld(cfg.Market)
	w.seed, w.account, w.timings, w.policy, w.clock = cfg.Seed, cfg.Account, cfg.Timings, cfg.Policy, cfg.Clock
	w.now = cfg.Clock.At(wall)
	if cfg.Credits != 0 {
		w.book(EntryPromotion, cfg.Credits, "", "opening balance of the sandbox")
	}
	return w
}

// Copy is a second world that is like this one now; from here on they go their
// own ways. It costs the same for a large world as for a small one, as the two
// share what neither has changed. The copy notes no changes (see [World.Track]).
func (w *World) Copy() *World {
	c := *w
	c.market = w.market.copy()
	c.instances = w.instances.copy()
	c.sshKeys = w.sshKeys.copy()
	c.ledger = w.ledger.copy()
	c.answers = w.answers.copy()
	c.due = w.due.copy()
	c.owner, w.owner = &owner{}, &owner{}
	c.changed = &changes{}
	return &c
}

// Seed decides every identifier and address.
func (w *World) Seed() uint64 { return w.seed }

// Account is the owner.
func (w *World) Account() Account { return w.account }

// Now is the time up to which everything has happened.
func (w *World) Now() time.Time { return w.now }

// Clock is how the world's time follows the wall clock's.
func (w *World) Clock() Clock { return w.clock }

// Settle lets everything happen that is due at the given wall time, in order,
// and returns the sandbox's time. Time never goes back.
func (w *World) Settle(wall time.Time) time.Time {
	w.settleTo(w.clock.At(wall))
	return w.now
}

// Advance moves the clock forward by d, at most to [Latest], and settles. A
// negative d does nothing.
func (w *World) Advance(d time.Duration, wall time.Time) time.Time {
	now := w.Settle(wall)
	if d > Latest.Sub(now) {
		return w.AdvanceTo(Latest, wall)
	}
	return w.AdvanceTo(now.Add(max(d, 0)), wall)
}

// AdvanceTo moves the clock forward to a moment, at most to [Latest], and
// settles. A moment that has passed changes nothing.
func (w *World) AdvanceTo(t, wall time.Time) time.Time {
	if t = earlier(t, Latest); t.After(w.Settle(wall)) {
		w.settleTo(t)
		w.clock = w.clock.advanced(t, wall)
	}
	return w.now
}

// AdvanceNext lets one event happen: one that is due, or else the next one that is
// due by a moment, to which the clock moves. Where there is none it answers false
// and only settles.
func (w *World) AdvanceNext(by, wall time.Time) bool {
	next, ok := w.NextEvent()
	switch {
	case ok && !next.After(w.clock.At(wall)): // there may be others at the same moment
		w.happen()
	case ok && !next.After(earlier(by, Latest)):
		w.happen()
		w.clock = w.clock.advanced(w.now, wall)
	default:
		w.Settle(wall)
		return false
	}
	return true
}

// AdvanceSome is AdvanceTo in pieces: it lets at most max events happen and
// answers whether the moment has been reached.
func (w *World) AdvanceSome(t, wall time.Time, max int) (reached bool) {
	for range max {
		if !w.AdvanceNext(t, wall) {
			w.AdvanceTo(t, wall)
			return true
		}
	}
	return false
}

// Resume lets the clock run on from the time up to which everything has happened,
// however long ago on the wall clock that was.
func (w *World) Resume(wall time.Time) {
	if w.clock.Rate > 0 {
		w.clock = w.clock.advanced(w.now, wall)
	}
}

// SetClock changes the mode of the clock; time goes on from where it is.
func (w *World) SetClock(c Clock, wall time.Time) {
	w.clock = c.advanced(w.Settle(wall), wall)
}

func (w *World) settleTo(t time.Time) {
	until := t.UnixNano()
	for {
		e, ok := w.due.Min()
		if !ok || e.at > until {
			break
		}
		w.happen()
	}
	if t.After(w.now) {
		w.now = t
	}
}
