package main

import (
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/journal"
)

// options are the flags that say what the simulator is like; serve and exec
// share them.
type options struct {
	worldOptions // of the first sandbox

	addr           string
	apiKey         string
	data           string
	requests       int
	maxConnections int
	check          bool
	machines       bool
	verbose        bool
}

// apiKeyVariable supplies the first API key, as it does to the provider.
const apiKeyVariable = "PICTOR_API_KEY"

func (o *options) register(cmd *cobra.Command, addr, clock string) {
	o.worldOptions.register(cmd, clock)
	f := cmd.Flags()
	f.StringVar(&o.addr, "addr", addr, "`host:port` to listen on; port 0 is any free one")
	f.StringVar(&o.apiKey, "api-key", "", "the first API `key` (default one that is made)")
	setBy(f, "api-key", "PICTOR_SIM_API_KEY", apiKeyVariable)
	f.StringVar(&o.data, "data", "", "keep the world in this `file`, also over a restart; without it, in memory")
	f.IntVar(&o.requests, "journal", journal.DefaultCapacity, "`number` of requests that a sandbox's journal keeps, or the latest 16 MiB; in memory only")
	f.IntVar(&o.maxConnections, "max-connections", simulator.DefaultMaxConnections, "`number` of connections kept open at once; fewer where ulimit -n is too low for it")
	f.BoolVar(&o.check, "check-answers", false, "hold every answer against the contract, and fail in the end when one did not fit")
	_ = f.MarkHidden("check-answers") // for our own tests
	f.BoolVar(&o.machines, "machines", false, "let SSH log in to running Linux machines, each on a port of its own of 127.0.0.1")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "log every request")
}

func (o *options) config() (simulator.Config, error) {
	first, err := o.settings()
	if err != nil {
		return simulator.Config{}, err
	}
	first.Name = "default"
	if o.requests < 1 {
		return simulator.Config{}, o.badNumber("journal", o.requests, "must be above 0")
	}
	if o.maxConnections < 1 {
		return simulator.Config{}, o.badNumber("max-connections", o.maxConnections, "must be above 0")
	}
	if o.apiKey != "" {
		if err := engine.CheckSecret(o.apiKey); err != nil {
			return simulator.Config{}, o.bad("api-key", err)
		}
	}
	return simulator.Config{
		APIKey: o.apiKey, First: first, File: o.data, Requests: o.requests, MaxConnections: o.maxConnections,
		CheckAnswers: o.check, Machines: o.machines, Log: logger(o.verbose),
	}, nil
}

func logger(verbose bool) *slog.Logger {
	level := slog.LevelInfo
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}
