package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

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

// planKey is what a plan and its copies have in common. The text tells apart what was
// copied from another simulator, where other plans have the same origins.
type planKey struct{ origin, text string }

// unhit is a plan that never hit, and where it was to.
type unhit struct {
	sandbox string
	fault.Report
}

// neverHit are the plans that never hit: of those that were in force while the command
// ran, in sandboxes that may be gone. What a fork or a snapshot has brought along hits
// for the plan that it is a copy of, and is left to that one where there is one.
func neverHit(faults map[string][]fault.Past) (missed []unhit) {
	originals, copiesHit := map[planKey]bool{}, map[planKey]bool{}
	for _, plans := range faults {
		for _, p := range plans {
			if !p.Copied {
				originals[keyOf(p)] = true
			} else if p.Hit {
				copiesHit[keyOf(p)] = true
			}
		}
	}
	for _, sandbox := range slices.SortedFunc(maps.Keys(faults), bySandbox) {
		for _, p := range faults[sandbox] {
			of := keyOf(p)
			switch {
			case p.Hit || copiesHit[of]:
			case p.Copied && (p.Fired > 0 || originals[of]): // it had hit before, or is judged elsewhere
			default:
				missed = append(missed, unhit{sandbox, p.Report})
			}
		}
	}
	return missed
}

func keyOf(p fault.Past) planKey {
	text, err := p.Plan.MarshalJSON()
	if err != nil {
		panic(err) // it was read from JSON
	}
	return planKey{p.Origin, string(text)}
}

// bySandbox orders sbx_2 before sbx_10.
func bySandbox(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

// printUnhit says which faults never hit, and returns what they are called.
func printUnhit(out io.Writer, faults map[string][]fault.Past) (names []string) {
	for _, u := range neverHit(faults) {
		name := u.ID
		if len(faults) > 1 {
			name += " of " + u.sandbox
		}
		names = append(names, name)
		fmt.Fprintf(out, "fault %s (%s, %s) never hit: it matched %d requests and was to hit from number %d on\n",
			name, u.Kind(), cmp.Or(u.Operation, "any operation"), u.Seen, u.From)
	}
	return names
}

func addPlans(sandbox *store.Sandbox, plans []fault.Plan) error {
	if len(plans) == 0 {
		return nil
	}
	return sandbox.UpdateFaults(func(f *fault.Set) error {
		for _, plan := range plans {
			if _, err := f.Add(plan); err != nil {
				return err
			}
		}
		return nil
	})
}
