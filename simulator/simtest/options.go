package simtest

import (
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/dialect"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/market"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// Option changes what the simulator is like, or what it expects of its test.
type Option func(*settings)

type settings struct {
	simulator.Config
	expects expectations
	from    *store.Snapshot // nil begins anew
}

// Seed chooses the market and the identifiers.
func Seed(n uint64) Option { return func(s *settings) { s.First.Seed = n } }

// Credits sets the opening balance, in whole credits; 0 is an empty account.
func Credits(n int) Option {
	return func(s *settings) { s.First.Credits = engine.Credits(n) * engine.Credit }
}

// Clock sets the mode of the clock: "real", "x60", "frozen", "poll" or "poll=N".
func Clock(mode string) Option { return func(s *settings) { s.First.Clock = mode } }

// Hosts sets the size of the market.
func Hosts(n int) Option { return func(s *settings) { s.First.Market.Hosts = n } }

// Machines lets one log in to the rented Linux machines by SSH.
func Machines() Option { return func(s *settings) { s.Machines = true } }

// Market sets the size and the shape of the market: the models and countries that
// there are, and how many GPUs others have rented already.
func Market(shape market.Shape) Option { return func(s *settings) { s.First.Market = shape } }

// Timings sets how long transitions take in the simulator's time.
func Timings(t engine.Timings) Option { return func(s *settings) { s.First.Timings = t } }

// RateLimit bounds the requests in a time.
func RateLimit(requests int, per time.Duration) Option {
	return func(s *settings) { s.First.Limit.Requests, s.First.Limit.Per = requests, per }
}

// RateLimitSays sets how much the answers tell of the limit.
func RateLimitSays(says store.LimitSays) Option {
	return func(s *settings) { s.First.Limit.Says = says }
}

// Dialect sets how the API speaks where Pictor documents nothing, by a preset's
// name or several joined by "+" (see package dialect).
func Dialect(name string) Option {
	return func(s *settings) {
		d, err := dialect.Parse(name)
		if err != nil {
			panic(err) // a test that names no dialect is wrong itself
		}
		s.First.Dialect = d
	}
}

// Policy chooses how the service behaves where Pictor documents nothing.
func Policy(p engine.Policy) Option { return func(s *settings) { s.First.Policy = p } }

// Data keeps the world in a file. A file that has one already goes on with it,
// and what options say of the world does not count.
func Data(file string) Option { return func(s *settings) { s.File = file } }

// From begins with a snapshot; what options say of the world does not count.
func From(snapshot store.Snapshot) Option { return func(s *settings) { s.from = &snapshot } }

// Configure changes what no other option does.
func Configure(change func(*simulator.Config)) Option {
	return func(s *settings) { change(&s.Config) }
}
