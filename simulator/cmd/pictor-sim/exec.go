package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

func execCommand() *cobra.Command {
	var o options
	var e expectations
	var faults string
	cmd := &cobra.Command{
		Use:   "exec [flags] -- COMMAND [ARGUMENT…]",
		Short: "Run a command with a simulator of its own and print the bill",
		Long: `exec starts a simulator on a free port, runs the command with PICTOR_ENDPOINT and
PICTOR_API_KEY set, and prints what the command rented and would have paid.
PICTOR_SIM is set as well, so that pictor-sim in the command speaks to this
simulator. The variables of exec's flags, PICTOR_SIM_SANDBOX and
PICTOR_SIM_CONTROL_KEY are not passed on.
Sandboxes that the command resets or deletes are on the bill, too.

The exit status is the command's. Where that is 0 it becomes 1 when the command
leaves behind or has cost what it may not (--fail-on-leak, --budget), or when a
fault was to be met and was not (--fail-on-unhit-fault), in whichever sandbox.`,
		Example: `  pictor-sim exec -- pulumi up --yes
  pictor-sim exec --fail-on-leak --budget 5.00 -- go test ./...
  pictor-sim exec --clock real --provisioning 30s -- npm test
  pictor-sim exec --fault lost-answers.json -- pulumi up --yes
  pictor-sim exec --data world.db -- pulumi up --yes   # and go on tomorrow`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("which command? Write pictor-sim exec [flags] -- COMMAND [ARGUMENT…]")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("fault") && faults == "" { // a variable of a script that is not set
				return errors.New("--fault is empty: name a file of plans, or leave it out for no faults")
			}
			plans, err := readPlans(faults)
			if err := errors.Join(e.check(), err); err != nil {
				return err
			}
			var accounts accounts
			sim, listener, err := o.start(accounts.watch)
			if err != nil {
				return err
			}
			if err := addPlans(sim.Sandbox, plans); err != nil {
				return errors.Join(err, listener.Close(), sim.Close())
			}
			accounts.takeStock(sim)
			ctx, stop := context.WithCancel(cmd.Context())
			served := make(chan error, 1)
			go func() { served <- sim.Serve(ctx, listener) }()

			env := append(passedOn(cmd.Flags()),
				"PICTOR_ENDPOINT="+simulator.Endpoint(listener), apiKeyVariable+"="+sim.APIKey, "PICTOR_SIM="+simulator.Address(listener))
			err = runWith(args, env)
			stop()
			failed := <-served
			if errors.As(err, new(*notStartedError)) {
				return errors.Join(err, sim.Close()) // and there is no bill
			}
			o := printBill(cmd.ErrOrStderr(), accounts.close(sim))
			o.unhit = printUnhit(cmd.ErrOrStderr(), accounts.faults)
			failed = errors.Join(failed, e.judge(o), sim.Close(), sim.Misfits())
			if err != nil && failed != nil {
				// The exit status is still the command's.
				fmt.Fprintln(cmd.ErrOrStderr(), "pictor-sim:", failed)
				return err
			}
			return cmp.Or(err, failed)
		},
	}
	o.register(cmd, "127.0.0.1:0", "poll")
	e.register(cmd)
	cmd.Flags().StringVar(&faults, "fault", "", "let go wrong what this `file` says: plans in JSON, see \"pictor-sim fault kinds\"")
	cmd.Flags().SetInterspersed(false) // flags behind the command are the command's
	return cmd
}

// expectations are what a command may cost and leave behind.
type expectations struct {
	flags   *pflag.FlagSet
	noLeaks bool
	allHit  bool
	budget  string
	limit   engine.Credits // the budget; below 0 is none
}

func (e *expectations) register(cmd *cobra.Command) {
	e.flags = cmd.Flags()
	cmd.Flags().BoolVar(&e.noLeaks, "fail-on-leak", false, "fail when a machine that the command rented outlives it")
	cmd.Flags().BoolVar(&e.allHit, "fail-on-unhit-fault", false, "fail when a fault never hit, also one that is gone: the test did not test what it says")
	cmd.Flags().StringVar(&e.budget, "budget", "", "fail when the command would have cost more `credits` than this")
}

func (e *expectations) check() error {
	e.limit = -1
	if !e.flags.Changed("budget") {
		return nil
	}
	if e.budget == "" { // a variable of a script that is not set
		return errors.New("--budget is empty: name the credits, such as 5.00, or leave it out for no budget")
	}
	limit, err := wire.ParseCredits(e.budget)
	if err != nil {
		return fmt.Errorf("%s: %w", source(e.flags, "budget"), err)
	}
	if limit < 0 {
		return fmt.Errorf("%s %s: must not be below 0", source(e.flags, "budget"), e.budget)
	}
	e.limit = engine.Credits(limit)
	return nil
}

func (e *expectations) judge(o outcome) error {
	var leaked, overspent, missed error
	if e.allHit && len(o.unhit) > 0 {
		missed = fmt.Errorf("of the faults these never hit: %s", strings.Join(o.unhit, ", "))
	}
	if e.noLeaks && len(o.leaks) > 0 {
		leaked = leakError(o.leaks)
	}
	if e.limit >= 0 && o.cost > e.limit {
		overspent = budgetError{o.cost, e.limit}
	}
	return errors.Join(overspent, leaked, missed)
}

// notStartedError says that there never was a command.
type notStartedError struct {
	command string
	err     error
}

func (e *notStartedError) Error() string { return fmt.Sprintf("cannot run %s: %v", e.command, e.err) }

func (e *notStartedError) Unwrap() error { return e.err }

// runWith runs a command with this environment and passes signals on to it.
func runWith(args, env []string) error {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)

	command := exec.Command(args[0], args[1:]...)
	command.Env = env
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
			// A terminal has sent Ctrl-C, or Ctrl-\, to the command already; a
			// second one would tell pulumi to give up at once.
			if (s == os.Interrupt || s == syscall.SIGQUIT) && inForeground() {
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
