package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// accounts are the sandboxes that a command found, and what those worlds have cost
// that it has ended. Those that it makes begin with nothing or, where they go on from
// a snapshot, with what is in it and was paid for before.
type accounts struct {
	found map[string]store.Life // by the sandbox's id: where its world stood

	mu     sync.Mutex
	closed []statement
	faults map[string][]fault.Past // by the sandbox's id, for sandboxes that may be gone
}

// takeStock is for the moment before the command begins.
func (a *accounts) takeStock(sim *simulator.Simulator) {
	a.found, a.faults = map[string]store.Life{}, map[string][]fault.Past{}
	for _, sandbox := range sim.Store.All() {
		sandbox.Life(func(l store.Life) {
			a.found[sandbox.ID()] = store.Life{Before: l.Before, Entries: len(l.World.Ledger()), Rentals: l.World.Rentals()}
		})
	}
}

// watch notes what a world has cost that ends before the command does.
func (a *accounts) watch(cfg *simulator.Config) error {
	cfg.Ended = func(id string, l store.Life, how string) {
		s := a.statement(id, l)
		s.title += ", " + how
		s.left = nil // they are gone with their world
		a.mu.Lock()
		defer a.mu.Unlock()
		a.closed = append(a.closed, s)
		if how == "deleted" { // else they are looked at in the end
			a.faults[id] = l.Faults.Past()
		}
	}
	return nil
}

// statement is what a sandbox has cost and what is left in it.
type statement struct {
	title   string
	bill    engine.Bill
	balance engine.Credits
	rented  []identity // also those that are gone
	left    []rental
	leaks   []engine.Instance // those of them that the command rented, here or elsewhere
}

// identity is what a machine is known by in every world that has it. A fork and what
// a snapshot brings back have the same machines; others can have the same id, but
// then they are another account's, or of another time.
type identity struct {
	account, instance string
	rented            int64 // in nanoseconds since 1970
}

// rental is a machine that outlives the command and may be the command's.
type rental struct {
	engine.Instance
	identity
	here bool // rented by the command in this world
}

func (a *accounts) statement(id string, l store.Life) statement {
	before, found := a.found[id]
	if !found || l.Before != before.Before { // this world began after the command
		before, found = l, false
	}
	s := statement{title: "sandbox " + id, bill: l.World.Bill(before.Entries), balance: l.World.Balance()}
	if l.Settings.Name != "" {
		s.title += " (" + l.Settings.Name + ")"
	}
	s.rented = rentedSince(l.World, before.Entries)
	account := l.World.Account().ID
	for _, inst := range l.World.Outliving(0) {
		here := inst.Ordinal > before.Rentals
		if found && !here {
			continue // the command found it
		}
		s.left = append(s.left, rental{inst, identity{account, inst.ID, inst.CreatedAt.UnixNano()}, here})
	}
	return s
}

// rentedSince are the machines that were rented since the ledger had so many entries.
// The first entry of each is its rental; what comes later renews it, or is for storage.
func rentedSince(w *engine.World, entries int) (list []identity) {
	known := map[string]bool{}
	for i, e := range w.Ledger() {
		if e.InstanceID == "" || known[e.InstanceID] {
			continue
		}
		known[e.InstanceID] = true
		if i >= entries {
			list = append(list, identity{w.Account().ID, e.InstanceID, e.At.UnixNano()})
		}
	}
	return list
}

// close is for the moment after the command: it has the statements of all worlds.
func (a *accounts) close(sim *simulator.Simulator) []statement {
	var living []statement
	faults := map[string][]fault.Past{}
	for _, sandbox := range sim.Store.All() { // without the lock, which a world takes that ends
		sandbox.Life(func(l store.Life) {
			living = append(living, a.statement(sandbox.ID(), l))
			faults[sandbox.ID()] = l.Faults.Past()
		})
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	maps.Copy(a.faults, faults)
	statements := slices.Concat(a.closed, living)
	rented := map[identity]bool{} // in any world, as a copy of it may have the machine still
	for _, s := range statements {
		for _, m := range s.rented {
			rented[m] = true
		}
	}
	for i := range statements {
		s := &statements[i]
		for _, r := range s.left {
			if r.here || rented[r.identity] {
				s.leaks = append(s.leaks, r.Instance)
			}
		}
	}
	return statements
}

// outcome is what a command has cost and left behind.
type outcome struct {
	cost  engine.Credits
	leaks []engine.Instance
	unhit []string // ids of faults
}

// printBill says what was rented while the command ran, and what it would have cost.
func printBill(out io.Writer, statements []statement) (o outcome) {
	fmt.Fprintln(out, "\nThe bill, had this been Pictor (1 credit = 1 USD):")
	several := len(statements) > 1
	if several { // those in which something was rented, if any
		statements = slices.DeleteFunc(statements, func(s statement) bool { return len(s.bill.Lines)+len(s.leaks) == 0 })
	}
	if len(statements) == 0 {
		fmt.Fprintln(out, "  nothing was rented")
	}
	for _, s := range statements {
		if several {
			fmt.Fprintf(out, "  %s\n", s.title)
		}
		s.print(out)
		o.cost += s.bill.Total
		o.leaks = append(o.leaks, s.leaks...)
	}
	if len(statements) > 1 {
		fmt.Fprintf(out, "  %12s  credits in all %d sandboxes\n", wire.Credits(o.cost), len(statements))
	}
	return o
}

func (s statement) print(out io.Writer) {
	if len(s.bill.Lines) == 0 {
		fmt.Fprintln(out, "  nothing was rented")
	}
	for _, line := range s.bill.Lines {
		fmt.Fprintf(out, "  %12s  %s\n", wire.Credits(line.Amount), line.Description)
	}
	fmt.Fprintf(out, "  %12s  credits in all; %s are left\n", wire.Credits(s.bill.Total), wire.Credits(s.balance))
	for _, inst := range s.leaks {
		fmt.Fprintf(out, "  still rented: %s (%s), %s\n", inst.Name, inst.ID, inst.Status)
	}
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
