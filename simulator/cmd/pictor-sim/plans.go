package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// readPlans reads a file of plans; no file has none.
func readPlans(file string) ([]fault.Plan, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the plans of faults cannot be read: %w", err)
	}
	plans, err := fault.ParsePlans(data)
	if errors.As(err, new(*engine.Error)) {
		return nil, fmt.Errorf("%s has a plan that cannot be: %w", file, err)
	} else if err != nil {
		return nil, fmt.Errorf("%s %w", file, err)
	}
	return plans, nil
}

// printUnhit names the faults that never hit: of those that were added at first, also
// where something has taken them out of force since, and of those that are in force.
func printUnhit(out io.Writer, added []*fault.Planned, sandbox *store.Sandbox) (unhit []string) {
	var reports []fault.Report
	known := map[string]bool{}
	for _, p := range added {
		r := p.Report()
		reports, known[r.ID] = append(reports, r), true
	}
	for _, r := range sandbox.Faults.List() {
		if !known[r.ID] {
			reports = append(reports, r)
		}
	}
	for _, r := range reports {
		if r.Fired == 0 {
			unhit = append(unhit, r.ID)
			fmt.Fprintf(out, "fault %s (%s, %s) never hit: it matched %d requests and was to hit from number %d on\n",
				r.ID, r.Kind(), cmp.Or(r.Operation, "any operation"), r.Seen, r.From)
		}
	}
	return unhit
}

func addPlans(sandbox *store.Sandbox, plans []fault.Plan) (added []*fault.Planned, err error) {
	if len(plans) == 0 {
		return nil, nil
	}
	err = sandbox.UpdateFaults(func(f *fault.Set) error {
		for _, plan := range plans {
			planned, err := f.Add(plan)
			if err != nil {
				return err
			}
			added = append(added, planned)
		}
		return nil
	})
	return added, err
}
