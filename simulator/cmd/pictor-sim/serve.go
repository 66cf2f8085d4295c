package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pulumi-pictor/pulumi-pictor/simulator"
)

// defaultAddr is where serve listens and where the other commands look for it.
const defaultAddr = "127.0.0.1:8420"

func serveCommand() *cobra.Command {
	var o options
	var p operations
	var readyFile string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run a simulator until it is stopped",
		Example: `  pictor-sim serve
  pictor-sim serve --addr 127.0.0.1:0 --ready-file /tmp/pictor-sim.json
  pictor-sim serve --clock x60 --credits 25`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			context.AfterFunc(ctx, stop) // a second signal ends the program at once
			sim, listener, err := o.start(p.configure)
			if err != nil {
				return err
			}
			control, err := p.listen()
			if err != nil {
				return errors.Join(err, listener.Close(), sim.Close())
			}
			ready := readiness{Endpoint: simulator.Endpoint(listener), APIKey: sim.APIKey}
			if readyFile != "" {
				if err := ready.write(readyFile); err != nil {
					return errors.Join(err, listener.Close(), sim.Close())
				}
				defer os.Remove(readyFile)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "pictor-sim is ready: PICTOR_ENDPOINT=%s PICTOR_API_KEY=%s\n", ready.Endpoint, ready.APIKey)
			if control != nil {
				fmt.Fprintf(cmd.OutOrStdout(), "its control API is at %s\n", simulator.Address(control))
			}
			return errors.Join(p.serve(ctx, sim, listener, control), sim.Close(), sim.Misfits())
		},
	}
	o.register(cmd, defaultAddr, "real")
	p.register(cmd)
	cmd.Flags().StringVar(&readyFile, "ready-file", "", "write endpoint and key to this `file`, as JSON, once requests are taken; removed at the end")
	return cmd
}

// start assembles a simulator and opens its port.
func (o *options) start(more ...func(*simulator.Config) error) (*simulator.Simulator, net.Listener, error) {
	cfg, err := o.config()
	for _, configure := range more {
		err = errors.Join(err, configure(&cfg))
	}
	if err != nil {
		return nil, nil, err
	}
	fitConnections(&cfg)
	sim, err := simulator.New(cfg)
	if err != nil {
		return nil, nil, err
	}
	listener, err := listen(o.flags, "addr", o.addr)
	if err != nil {
		return nil, nil, errors.Join(err, sim.Close())
	}
	if a, ok := listener.Addr().(*net.TCPAddr); ok && !a.IP.IsLoopback() {
		cfg.Log.Warn("listening beyond this machine, without TLS: whoever reaches the port can try keys", "addr", a.String())
	}
	return sim, listener, nil
}

// listen opens a port; the flag is what to change when it cannot be had.
func listen(flags *pflag.FlagSet, flag, addr string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is taken by another program: choose another port with --%s, or any free one with --%s 127.0.0.1:0", addr, flag, flag)
	case err != nil:
		return nil, fmt.Errorf("cannot listen on %s (%s): %w", addr, source(flags, flag), err)
	}
	return listener, nil
}

// readiness is what a program that starts a simulator needs to know.
type readiness struct {
	Endpoint string `json:"endpoint"`
	APIKey   string `json:"api_key"`
}

// write puts the file in place at once, readable by its owner only, so that
// whoever waits for it never reads half of it.
func (r readiness) write(path string) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".pictor-sim-*")
	if err != nil {
		return fmt.Errorf("cannot write the ready file: %w", err)
	}
	_, err = tmp.Write(append(data, '\n'))
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("cannot write the ready file: %w", err), os.Remove(tmp.Name()))
	}
	return nil
}
