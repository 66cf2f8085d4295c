package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pulumi-pictor/pulumi-pictor/simulator"
)

// operations are the flags of serve that say who reaches what.
type operations struct {
	control     bool
	controlKey  string
	controlAddr string
	flags       *pflag.FlagSet
}

// minControlKey is the shortest key that is taken: it opens everything.
const minControlKey = 16

func (p *operations) register(cmd *cobra.Command) {
	f := cmd.Flags()
	p.flags = f
	f.BoolVar(&p.control, "control", true, "answer the control API (/_sim); --control=false switches it off")
	f.StringVar(&p.controlKey, "control-key", "", "`key` that the control API asks for; without one only this machine may use it")
	f.StringVar(&p.controlAddr, "control-addr", "", "`host:port` of the control API, when it is to be apart from the API")
}

func (p *operations) configure(cfg *simulator.Config) error {
	switch {
	case !p.control && (p.controlKey != "" || p.controlAddr != ""):
		return errors.New("--control=false goes with neither --control-key nor --control-addr")
	case p.controlKey != "" && len(p.controlKey) < minControlKey:
		return fmt.Errorf("%s: use at least %d characters", source(p.flags, "control-key"), minControlKey)
	}
	cfg.Control = simulator.Control{Off: !p.control, Key: p.controlKey, Apart: p.controlAddr != ""}
	return nil
}

// listen opens the control API's own port, if it has one.
func (p *operations) listen() (net.Listener, error) {
	if p.controlAddr == "" {
		return nil, nil
	}
	return listen(p.flags, "control-addr", p.controlAddr)
}

// serve answers on one or two ports until the context ends or one of them fails.
func (p *operations) serve(ctx context.Context, sim *simulator.Simulator, api, control net.Listener) error {
	if control == nil {
		return sim.Serve(ctx, api)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() {
		defer stop()
		ended <- sim.ServeControl(ctx, control)
	}()
	err := sim.Serve(ctx, api)
	stop()
	return errors.Join(err, <-ended)
}
