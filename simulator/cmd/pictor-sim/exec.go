package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/pulumi-pictor/pulumi-pictor/simulator"
)

func execCommand() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "exec [flags] -- COMMAND [ARGUMENT…]",
		Short: "Run a command with a simulator of its own and print the bill",
		Long: `exec starts a simulator on a free port, runs the command with PICTOR_ENDPOINT and
PICTOR_API_KEY set, and prints what the command rented and would have paid. The
exit status is the command's.`,
		Example: `  pictor-sim exec -- pulumi up --yes
  pictor-sim exec --clock real --provisioning 30s -- npm test`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			sim, listener, err := o.start()
			if err != nil {
				return err
			}
			ctx, stop := context.WithCancel(cmd.Context())
			served := make(chan error, 1)
			go func() { served <- sim.Serve(ctx, listener) }()

			err = runWith(args, "PICTOR_ENDPOINT="+simulator.Endpoint(listener), apiKeyVariable+"="+sim.APIKey)
			printBill(cmd.ErrOrStderr(), sim)
			stop()
			return errors.Join(err, <-served)
		},
	}
	o.register(cmd, "127.0.0.1:0", "poll")
	return cmd
}

// runWith runs a command with more environment and passes signals on to it.
func runWith(args []string, env ...string) error {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)

	command := exec.Command(args[0], args[1:]...)
	command.Env = append(os.Environ(), env...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := command.Start(); err != nil {
		return fmt.Errorf("cannot run %s: %w", args[0], err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	for {
		select {
		case err := <-ended:
			return err
		case s := <-signals:
			// A terminal has sent Ctrl-C to the command already; a second one
			// would tell pulumi to give up at once.
			if s == os.Interrupt && term.IsTerminal(int(os.Stdin.Fd())) {
				continue
			}
			_ = command.Process.Signal(s) // it may have ended meanwhile
		}
	}
}

// exitStatus is the command's, or as a shell gives it when a signal ended it.
func exitStatus(err *exec.ExitError) int {
	if w, ok := err.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return err.ExitCode()
}
