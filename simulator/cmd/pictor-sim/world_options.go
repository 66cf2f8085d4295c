package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/dialect"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/market"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// worldOptions are the flags that say what a sandbox is like: the first one of
// serve and exec, and one that is made later.
type worldOptions struct {
	flags *pflag.FlagSet

	seed          uint64
	credits       string
	clock         string
	provision     time.Duration
	strict        bool
	perMinute     int
	hosts         int
	models        []string
	countries     []string
	occupied      int
	dialect       string
	idempotency   bool
	duplicates    bool
	refund        bool
	failedRenewal *choice
}

func (o *worldOptions) register(cmd *cobra.Command, clock string) {
	o.flags = cmd.Flags()
	f := o.flags
	f.Uint64Var(&o.seed, "seed", 1, "decides the market and every id")
	f.StringVar(&o.credits, "credits", "100", "opening balance in `credits`")
	f.StringVar(&o.clock, "clock", clock, "`mode` of the clock: real, x60 (or any factor), frozen, poll or poll=N")
	completes(cmd, "clock", clockModes...)
	f.DurationVar(&o.provision, "provisioning", store.DefaultTimings.Provisioning, "how long a machine takes to boot")
	f.BoolVar(&o.strict, "strict", false, "limit each API key to 60 requests a minute")
	f.IntVar(&o.perMinute, "rate-limit", 0, "limit each API key to this `number` of requests a minute")
	f.IntVar(&o.hosts, "hosts", 0, "`number` of hosts in the market (default 240)")
	f.StringSliceVar(&o.models, "models", nil, "GPU `models` on offer, such as \"RTX 4090,H100\" (default all)")
	f.StringSliceVar(&o.countries, "countries", nil, "`countries` that hosts stand in, such as DE,FI (default all)")
	f.IntVar(&o.occupied, "occupied", 0, "`percentage` of the GPUs that others have rented already")
	f.StringVar(&o.dialect, "dialect", "", "`name` of the dialect in which the API speaks where Pictor documents nothing, or several joined by \"+\"")
	completes(cmd, "dialect", dialectNames()...)
	f.BoolVar(&o.idempotency, "idempotency", true, "heed the Idempotency-Key of a request")
	f.BoolVar(&o.duplicates, "duplicate-names", false, "let several instances have one name")
	f.BoolVar(&o.refund, "refund-on-delete", false, "give the unused hours of a deleted instance back")
	o.failedRenewal = addChoice(cmd, false, "failed-renewal", "what becomes of an instance that cannot be renewed for lack of credits", control.RenewalTerminates, control.RenewalStops)
}

// clockModes are the modes that shells complete.
var clockModes = []string{"real", "x60", "frozen", "poll"}

func dialectNames() (names []string) {
	for _, preset := range dialect.Presets() {
		names = append(names, preset.Name+"\t"+preset.About)
	}
	return names
}

// bad is what is wrong with a flag, or with the variable that set it.
func (o *worldOptions) bad(flag string, err error) error {
	return fmt.Errorf("%s: %w", source(o.flags, flag), err)
}

func (o *worldOptions) badNumber(flag string, value any, what string) error {
	return fmt.Errorf("%s %v: %s", source(o.flags, flag), value, what)
}

// settings are what the flags say, or the first one that is wrong.
func (o *worldOptions) settings() (s store.Settings, err error) {
	credits, err := wire.ParseCredits(o.credits)
	if err != nil {
		return s, o.bad("credits", err)
	}
	if credits < 0 || engine.Credits(credits) > engine.MaxBalance {
		return s, o.badNumber("credits", o.credits, fmt.Sprintf("must be 0 to %s", wire.Credits(engine.MaxBalance)))
	}
	if _, err := engine.ParseClock(o.clock, time.Time{}); err != nil {
		return s, o.bad("clock", err)
	}
	if o.provision < 0 || o.provision > engine.LongestTransition {
		return s, o.badNumber("provisioning", o.provision, fmt.Sprintf("must be 0s to %s", engine.LongestTransition))
	}
	if o.perMinute < 0 {
		return s, o.badNumber("rate-limit", o.perMinute, "must not be below 0")
	}
	if o.hosts < 0 || o.hosts > market.MaxHosts {
		return s, o.badNumber("hosts", o.hosts, fmt.Sprintf("must be 1 to %d", market.MaxHosts))
	}
	if o.occupied < 0 || o.occupied > 100 {
		return s, o.badNumber("occupied", o.occupied, "must be 0 to 100")
	}
	if err := (market.Shape{Models: o.models}).Validate(); err != nil {
		return s, o.bad("models", err)
	}
	if err := (market.Shape{Countries: o.countries}).Validate(); err != nil {
		return s, o.bad("countries", err)
	}
	speaks, err := dialect.Parse(o.dialect)
	if err != nil {
		return s, o.bad("dialect", err)
	}
	s = store.Settings{
		Seed:    o.seed,
		Credits: engine.Credits(credits),
		Clock:   o.clock,
		Market:  market.Shape{Hosts: o.hosts, Models: o.models, Countries: o.countries, Occupied: o.occupied},
		Timings: store.DefaultTimings,
		Policy: engine.Policy{
			IgnoreIdempotencyKeys: !o.idempotency, AllowDuplicateNames: o.duplicates, RefundOnDelete: o.refund,
			StopOnFailedRenewal: o.failedRenewal.value == control.RenewalStops,
		},
		Dialect: speaks,
	}
	s.Timings.Provisioning = o.provision
	if o.strict {
		s.Limit = store.StrictLimit
	}
	if o.perMinute > 0 {
		s.Limit = store.Limit{Requests: o.perMinute, Per: time.Minute}
	}
	return s, nil
}
