package control

import (
	"encoding/json"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/dialect"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/market"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// Settings are what a sandbox was made from. To make one, each field may be left
// out; besides, dialect may be the name of a preset, and strict stands for a
// rate limit.
type Settings struct {
	Name    string       `json:"name"`
	Seed    uint64       `json:"seed"`
	Credits wire.Credits `json:"credits"`
	// Clock is the clock's mode at first.
	Clock     string     `json:"clock"`
	Market    Market     `json:"market"`
	Timings   Timings    `json:"timings"`
	RateLimit *RateLimit `json:"rate_limit"`
	// Idempotency says that an Idempotency-Key is heeded.
	Idempotency    bool `json:"idempotency"`
	DuplicateNames bool `json:"duplicate_names"`
	RefundOnDelete bool `json:"refund_on_delete"`
	// FailedRenewal is what becomes of an instance that cannot be renewed for
	// lack of credits: "terminate" or "stop".
	FailedRenewal string          `json:"failed_renewal"`
	Dialect       dialect.Dialect `json:"dialect"`
}

// The words of Settings.FailedRenewal.
const (
	RenewalTerminates = "terminate"
	RenewalStops      = "stop"
)

// Market is the shape of a market; empty lists stand for everything there is.
type Market struct {
	Hosts     int      `json:"hosts"`
	Models    []string `json:"models"`
	Countries []string `json:"countries"`
	Occupied  int      `json:"occupied"` // percent
}

// Timings is how long transitions take, as Go writes durations.
type Timings struct {
	Pending      string `json:"pending"`
	Provisioning string `json:"provisioning"`
	Stopping     string `json:"stopping"`
	Starting     string `json:"starting"`
	Deleting     string `json:"deleting"`
}

// RateLimit is how many requests each API key may send in a time.
type RateLimit struct {
	Requests int    `json:"requests"`
	Per      string `json:"per"`
	// Says is how much the answers tell of it: everything if it is empty.
	Says store.LimitSays `json:"says,omitempty"`
}

// SettingsOf shows settings as the control API does.
func SettingsOf(s store.Settings) Settings {
	out := Settings{
		Name: s.Name, Seed: s.Seed, Credits: wire.Credits(s.Credits), Clock: s.Clock,
		Market: Market{Hosts: s.Market.Hosts, Models: some(s.Market.Models), Countries: some(s.Market.Countries), Occupied: s.Market.Occupied},
		Timings: Timings{
			Pending: s.Timings.Pending.String(), Provisioning: s.Timings.Provisioning.String(), Stopping: s.Timings.Stopping.String(),
			Starting: s.Timings.Starting.String(), Deleting: s.Timings.Deleting.String(),
		},
		Idempotency: !s.Policy.IgnoreIdempotencyKeys, DuplicateNames: s.Policy.AllowDuplicateNames,
		RefundOnDelete: s.Policy.RefundOnDelete, FailedRenewal: RenewalTerminates, Dialect: s.Dialect,
	}
	if out.Clock == "" {
		out.Clock = "real"
	}
	if out.Market.Hosts == 0 {
		out.Market.Hosts = market.DefaultHosts
	}
	if s.Limit.Requests > 0 {
		out.RateLimit = &RateLimit{s.Limit.Requests, s.Limit.Per.String(), s.Limit.Says}
	}
	if s.Policy.StopOnFailedRenewal {
		out.FailedRenewal = RenewalStops
	}
	return out
}

// some is a list that is written as [] when it is empty.
func some(list []string) []string { return append([]string{}, list...) }

// readSettings takes the settings out of a body.
func readSettings(f *fields) (s store.Settings) {
	s.Timings = store.DefaultTimings
	s.Clock = "real"
	credits := 100 * wire.Credit
	f.read("name", &s.Name)
	f.read("seed", &s.Seed)
	if f.read("credits", &credits); credits < 0 || engine.Credits(credits) > engine.MaxBalance {
		f.refuse("credits", "must be 0 to %s", wire.Credits(engine.MaxBalance))
	}
	s.Credits = engine.Credits(credits)
	f.read("clock", &s.Clock)
	if _, err := engine.ParseClock(s.Clock, time.Time{}); err != nil {
		f.refuse("clock", "%s", err)
	}
	readMarket(f, &s.Market)
	readTimings(f, &s.Timings)
	readLimit(f, &s.Limit)
	readPolicy(f, &s.Policy)
	readDialect(f, &s.Dialect)
	return s
}

func readMarket(f *fields, shape *market.Shape) {
	o, _ := f.object("market")
	var bad market.Shape // each field alone, so that every one has its own fault
	o.read("hosts", &bad.Hosts)
	o.refuseShape("hosts", market.Shape{Hosts: bad.Hosts})
	o.read("models", &bad.Models)
	o.refuseShape("models", market.Shape{Models: bad.Models})
	o.read("countries", &bad.Countries)
	o.refuseShape("countries", market.Shape{Countries: bad.Countries})
	o.read("occupied", &bad.Occupied)
	o.refuseShape("occupied", market.Shape{Occupied: bad.Occupied})
	*shape = bad
}

func (f *fields) refuseShape(name string, shape market.Shape) {
	if err := shape.Validate(); err != nil {
		f.refuse(name, "%s", err)
	}
}

func readTimings(f *fields, t *engine.Timings) {
	o, _ := f.object("timings")
	for _, one := range []struct {
		name string
		into *time.Duration
	}{
		{"pending", &t.Pending}, {"provisioning", &t.Provisioning}, {"stopping", &t.Stopping}, {"starting", &t.Starting}, {"deleting", &t.Deleting},
	} {
		if o.duration(one.name, one.into); *one.into < 0 || *one.into > engine.LongestTransition {
			o.refuse(one.name, "must be 0s to %s", engine.LongestTransition)
		}
	}
}

func readLimit(f *fields, limit *store.Limit) {
	o, given := f.object("rate_limit")
	if given {
		limit.Per = time.Minute
		if o.read("requests", &limit.Requests); limit.Requests <= 0 {
			o.refuse("requests", "must be above 0: to have no limit, leave rate_limit out")
		}
		if o.duration("per", &limit.Per); limit.Per <= 0 {
			o.refuse("per", "must be above 0")
		}
		o.read("says", &limit.Says)
		if err := (store.Limit{Says: limit.Says}).Validate(); err != nil {
			o.refuse("says", "%s", err)
		}
	}
	var strict bool
	if f.read("strict", &strict); strict && given {
		f.refuse("strict", "stands for a rate_limit: give one of the two")
	} else if strict {
		*limit = store.StrictLimit
	}
}

func readPolicy(f *fields, p *engine.Policy) {
	idempotency, renewal := true, RenewalTerminates
	f.read("idempotency", &idempotency)
	f.read("duplicate_names", &p.AllowDuplicateNames)
	f.read("refund_on_delete", &p.RefundOnDelete)
	if f.read("failed_renewal", &renewal); renewal != RenewalTerminates && renewal != RenewalStops {
		f.refuse("failed_renewal", "%q is unknown: use %q or %q", renewal, RenewalTerminates, RenewalStops)
	}
	p.IgnoreIdempotencyKeys, p.StopOnFailedRenewal = !idempotency, renewal == RenewalStops
}

// readDialect takes the name of a preset, several joined by "+", or an object.
func readDialect(f *fields, d *dialect.Dialect) {
	value, given := f.take("dialect")
	if !given {
		return
	}
	var name string
	var err error
	if json.Unmarshal(value, &name) == nil {
		*d, err = dialect.Parse(name)
	} else if err = strictly(value, d); err == nil {
		err = d.Validate()
	}
	if err != nil {
		f.refuse("dialect", "%s", err)
	}
}
