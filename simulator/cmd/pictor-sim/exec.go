package main

import (
	"cmp"
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
	var faults string
	cmd := &cobra.Command{
		Use:   "exec [flags] -- COMMAND [ARGUMENT…]",
		Short: "Run a command with a simulator of its own and print the bill",
		Long: `exec starts a simulator on a free port, runs the command with PICTOR_ENDPOINT and
PICTOR_API_KEY set, and prints what the command rented and would have paid. The
exit status is the command's.`,
		Example: `  pictor-sim exec -- pulumi up --yes
  pictor-sim exec --clock real --provisioning 30s -- npm test
  pictor-sim exec --fault lost-answers.json -- pulumi up --yes`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("which command? Write pictor-sim exec [flags] -- COMMAND [ARGUMENT…]")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			plans, err := readPlans(faults)
			if err != nil {
				return err
			}
			sim, listener, err := o.start()
			if err != nil {
				return err
			}
			if err := addPlans(sim.Sandbox, plans); err != nil {
				return errors.Join(err, listener.Close(), sim.Close())
			}
			ctx, stop := context.WithCancel(cmd.Context())
			served := make(chan error, 1)
			go func() { served <- errors.Join(sim.Serve(ctx, listener), sim.Close()) }()

			err = runWith(args, "PICTOR_ENDPOINT="+simulator.Endpoint(listener), apiKeyVariable+"="+sim.APIKey)
			stop()
			failed := <-served
			if errors.As(err, new(*notStartedError)) {
				return err // and there is no bill
			}
			printBill(cmd.ErrOrStderr(), sim)
			printUnhit(cmd.ErrOrStderr(), sim.Sandbox)
			if err != nil && failed != nil {
				// The exit status is still the command's.
				fmt.Fprintln(cmd.ErrOrStderr(), "pictor-sim:", failed)
				return err
			}
			return cmp.Or(err, failed)
		},
	}
	o.register(cmd, "127.0.0.1:0", "poll")
	cmd.Flags().StringVar(&faults, "fault", "", "let go wrong what this `file` says: plans in JSON, see \"pictor-sim fault kinds\"")
	cmd.Flags().SetInterspersed(false) // flags behind the command are the command's
	return cmd
}

// notStartedError says that there never was a command.
type notStartedError struct {
	command string
	err     error
}

func (e *notStartedError) Error() string { return fmt.Sprintf("cannot run %s: %v", e.command, e.err) }

func (e *notStartedError) Unwrap() error { return e.err }

// runWith runs a command with more environment and passes signals on to it.
func runWith(args []string, env ...string) error {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)

	command := exec.Command(args[0], args[1:]...)
	command.Env = append(os.Environ(), env...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := command.Start(); err != nil {
		var lookup *exec.Error
		if errors.As(err, &lookup) {
			err = lookup.Err // without the name, which the message has already
		}
		return &notStartedError{command: args[0], err: err}
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
