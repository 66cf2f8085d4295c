package main

import (
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/market"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// options are the flags that say what the simulator is like; serve and exec
// share them.
type options struct {
	addr      string
	apiKey    string
	seed      uint64
	hosts     int
	credits   string
	clock     string
	provision time.Duration
	strict    bool
	perMinute int
	data      string
	verbose   bool
}

// apiKeyVariable supplies the first API key, as it does to the provider.
const apiKeyVariable = "PICTOR_API_KEY"

func (o *options) register(cmd *cobra.Command, addr, clock string) {
	f := cmd.Flags()
	f.StringVar(&o.addr, "addr", addr, "`host:port` to listen on; port 0 is any free one")
	f.StringVar(&o.apiKey, "api-key", "", "the first API `key`; else $"+apiKeyVariable+", else one is made")
	f.Uint64Var(&o.seed, "seed", 1, "decides the market and every id")
	f.IntVar(&o.hosts, "hosts", 0, "`number` of hosts in the market (default 240)")
	f.StringVar(&o.credits, "credits", "100", "opening balance in `credits`")
	f.StringVar(&o.clock, "clock", clock, "`mode` of the clock: real, x60 (or any factor), frozen, poll or poll=N")
	f.DurationVar(&o.provision, "provisioning", store.DefaultTimings.Provisioning, "how long a machine takes to boot")
	f.BoolVar(&o.strict, "strict", false, "limit each API key to 60 requests a minute")
	f.IntVar(&o.perMinute, "rate-limit", 0, "limit each API key to this `number` of requests a minute")
	f.StringVar(&o.data, "data", "", "keep the world in this `file`, also over a restart; without it, in memory")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "log every request")
}

func (o *options) config() (simulator.Config, error) {
	credits, err := wire.ParseCredits(o.credits)
	if err != nil {
		return simulator.Config{}, fmt.Errorf("--credits: %w", err)
	}
	if credits < 0 {
		return simulator.Config{}, fmt.Errorf("--credits %s: must not be below 0", o.credits)
	}
	if o.perMinute < 0 {
		return simulator.Config{}, fmt.Errorf("--rate-limit %d: must not be below 0", o.perMinute)
	}
	if o.hosts < 0 || o.hosts > market.MaxHosts {
		return simulator.Config{}, fmt.Errorf("--hosts %d: must be 1 to %d", o.hosts, market.MaxHosts)
	}
	if o.provision < 0 {
		return simulator.Config{}, fmt.Errorf("--provisioning %s: must not be below 0", o.provision)
	}
	if _, err := engine.ParseClock(o.clock, time.Time{}); err != nil {
		return simulator.Config{}, err
	}
	cfg := simulator.Config{
		APIKey: o.apiKey,
		First: store.Settings{
			Name:    "default",
			Seed:    o.seed,
			Market:  market.Shape{Hosts: o.hosts},
			Credits: engine.Credits(credits),
			Clock:   o.clock,
			Timings: store.DefaultTimings,
		},
		File: o.data,
		Log:  logger(o.verbose),
	}
	if cfg.APIKey == "" {
		cfg.APIKey = os.Getenv(apiKeyVariable)
	}
	cfg.First.Timings.Provisioning = o.provision
	if o.strict {
		cfg.First.Limit = store.StrictLimit
	}
	if o.perMinute > 0 {
		cfg.First.Limit = store.Limit{Requests: o.perMinute, Per: time.Minute}
	}
	return cfg, nil
}

func logger(verbose bool) *slog.Logger {
	level := slog.LevelInfo
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}
