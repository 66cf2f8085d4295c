package store

import (
	"fmt"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/dialect"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/market"
)

// Settings are what a sandbox is made from, and made from again by a reset. The
// zero value is a usable sandbox, with no credits.
type Settings struct {
	// Name is for people; it need not be unique.
	Name string `json:"name,omitempty"`
	// Seed decides the market and every identifier but the account's, which also goes
	// by the sandbox; 0 means 1.
	Seed uint64 `json:"seed"`
	// Credits is the opening balance.
	Credits engine.Credits `json:"credits"`
	// Clock is the clock's mode at first, as [engine.ParseClock] reads it.
	Clock  string       `json:"clock,omitempty"`
	Market market.Shape `json:"market"`
	// Timings is how long transitions take; the zero value means [DefaultTimings].
	Timings engine.Timings `json:"timings"`
	Policy  engine.Policy  `json:"policy"`
	// Dialect is how the API speaks where Pictor documents nothing.
	Dialect dialect.Dialect `json:"dialect"`
	// Limit bounds the requests of each API key; the zero value does not.
	Limit Limit `json:"limit"`
}

// Limit is how many requests may be sent with an API key in a time, in
// wall-clock time.
type Limit struct {
	Requests int           `json:"requests,omitempty"`
	Per      time.Duration `json:"per,omitempty"`
	// Says is how much a client is told of the limit.
	Says LimitSays `json:"says,omitempty"`
}

// LimitSays is how much the answers tell of a rate limit.
type LimitSays string

// From all of it to none.
const (
	LimitSaysAll     LimitSays = ""        // X-RateLimit-* on every answer, Retry-After on a 429
	LimitSaysRetry   LimitSays = "retry"   // Retry-After on a 429
	LimitSaysNothing LimitSays = "nothing" // only the 429 itself
)

// Validate says what is wrong with a limit.
func (l Limit) Validate() error {
	if l.Requests < 0 || l.Per < 0 || (l.Requests > 0) != (l.Per > 0) {
		return fmt.Errorf("%d requests in %s are no rate limit: use two numbers above 0, or none", l.Requests, l.Per)
	}
	switch l.Says {
	case LimitSaysAll, LimitSaysRetry, LimitSaysNothing:
		return nil
	}
	return fmt.Errorf("a rate limit cannot say %q: use %q, %q or nothing at all, which says everything", l.Says, LimitSaysRetry, LimitSaysNothing)
}

// StrictLimit is the limit of the simulator's strict mode (Laravel's usual one).
var StrictLimit = Limit{Requests: 60, Per: time.Minute}

// DefaultTimings are short enough to watch.
var DefaultTimings = engine.Timings{
	Pending:      500 * time.Millisecond,
	Provisioning: 3 * time.Second,
	Stopping:     time.Second,
	Starting:     2 * time.Second,
	Deleting:     time.Second,
}

// Validate says what is wrong with settings.
func (s Settings) Validate() error {
	if _, err := engine.ParseClock(s.Clock, time.Time{}); err != nil {
		return err
	}
	if s.Credits < 0 || s.Credits > engine.MaxBalance {
		return fmt.Errorf("an opening balance cannot be %d micro-credits: use 0 to %d", s.Credits, engine.MaxBalance)
	}
	if err := s.Timings.Check(); err != nil {
		return err
	}
	if err := s.Limit.Validate(); err != nil {
		return err
	}
	if err := s.Dialect.Validate(); err != nil {
		return err
	}
	return s.Market.Validate()
}

func (s Settings) withDefaults() Settings {
	if s.Seed == 0 {
		s.Seed = 1
	}
	if s.Timings == (engine.Timings{}) {
		s.Timings = DefaultTimings
	}
	// Some of a dialect is for the engine to do.
	s.Policy.AllowDuplicateNames = s.Policy.AllowDuplicateNames || s.Dialect.DuplicateNames
	s.Policy.IgnoreIdempotencyKeys = s.Policy.IgnoreIdempotencyKeys || s.Dialect.IgnoreIdempotency
	s.Policy.DeleteAtOnce = s.Policy.DeleteAtOnce || s.Dialect.DeletesAtOnce()
	s.Policy.NumericIDs = s.Policy.NumericIDs || s.Dialect.IDs == dialect.IDNumbers
	return s
}

// shape is the market's shape, with identifiers as the policy wants them.
func (s Settings) shape() market.Shape {
	shape := s.Market
	shape.NumericIDs = s.Policy.NumericIDs
	return shape
}
