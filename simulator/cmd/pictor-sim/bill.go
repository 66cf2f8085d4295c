package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// account is where a sandbox stood when a command began.
type account struct {
	entries int
	rentals int64
	worlds  int
}

// accounts are the sandboxes that a command found; those that it makes begin
// with nothing, and so do those that it resets or restores.
type accounts map[*store.Sandbox]account

func takeStock(sim *simulator.Simulator) accounts {
	found := accounts{}
	for _, sandbox := range sim.Store.All() {
		worlds := sandbox.Worlds()
		sandbox.View(func(w *engine.World) { found[sandbox] = account{len(w.Ledger()), w.Rentals(), worlds} })
	}
	return found
}

// outcome is what a command has cost and left behind.
type outcome struct {
	cost  engine.Credits
	leaks []engine.Instance
	unhit []string // ids of faults
}

// printBill says what was rented since the accounts were taken, and what it would
// have cost.
func printBill(out io.Writer, sim *simulator.Simulator, before accounts) (o outcome) {
	fmt.Fprintln(out, "\nThe bill, had this been Pictor (1 credit = 1 USD):")
	sandboxes := sim.Store.All()
	for _, sandbox := range sandboxes {
		if len(sandboxes) > 1 {
			fmt.Fprintf(out, "  sandbox %s (%s)\n", sandbox.ID(), sandbox.Settings().Name)
		}
		since := before[sandbox]
		if sandbox.Worlds() != since.worlds {
			since = account{}
		}
		sandbox.View(func(w *engine.World) {
			bill, leaks := w.Bill(since.entries), w.Outliving(since.rentals)
			if len(bill.Lines) == 0 {
				fmt.Fprintln(out, "  nothing was rented")
			}
			for _, line := range bill.Lines {
				fmt.Fprintf(out, "  %12s  %s\n", wire.Credits(line.Amount), line.Description)
			}
			fmt.Fprintf(out, "  %12s  credits in all; %s are left\n", wire.Credits(bill.Total), wire.Credits(w.Balance()))
			for _, inst := range leaks {
				fmt.Fprintf(out, "  still rented: %s (%s), %s\n", inst.Name, inst.ID, inst.Status)
			}
			o.cost += bill.Total
			o.leaks = append(o.leaks, leaks...)
		})
	}
	return o
}

// leakError says that machines outlive a command that was to leave none.
type leakError []engine.Instance

func (e leakError) Error() string {
	names := make([]string, len(e))
	for i, inst := range e {
		names[i] = fmt.Sprintf("%s (%s, %s)", inst.Name, inst.ID, inst.Status)
	}
	what := "a machine outlives"
	if len(e) > 1 {
		what = fmt.Sprintf("%d machines outlive", len(e))
	}
	return fmt.Sprintf("%s the command and would go on costing money: %s. Delete what a test rents, also when it fails", what, strings.Join(names, ", "))
}

// budgetError says that a command has cost more than it may.
type budgetError struct{ cost, budget engine.Credits }

func (e budgetError) Error() string {
	return fmt.Sprintf("the command would have cost %s credits; its budget is %s", wire.Credits(e.cost), wire.Credits(e.budget))
}
