package main

import (
	"fmt"
	"io"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// printBill says what was rented and what it would have cost.
func printBill(out io.Writer, sim *simulator.Simulator) {
	sim.Sandbox.View(func(w *engine.World) {
		var total engine.Credits
		var order []string
		sums := map[string]engine.Credits{}
		for _, e := range w.Ledger() {
			if e.InstanceID == "" {
				continue
			}
			if _, seen := sums[e.Description]; !seen {
				order = append(order, e.Description)
			}
			sums[e.Description] -= e.Amount
			total -= e.Amount
		}
		fmt.Fprintln(out, "\nThe bill, had this been Pictor (1 credit = 1 USD):")
		if len(order) == 0 {
			fmt.Fprintln(out, "  nothing was rented")
		}
		for _, what := range order {
			fmt.Fprintf(out, "  %12s  %s\n", wire.Credits(sums[what]), what)
		}
		fmt.Fprintf(out, "  %12s  credits in all; %s are left\n", wire.Credits(total), wire.Credits(w.Balance()))
		for _, inst := range w.Instances(func(*engine.Instance) bool { return true }) {
			fmt.Fprintf(out, "  still rented: %s (%s), %s\n", inst.Name, inst.ID, inst.Status)
		}
	})
}
