//go:build linux

package main

import "fmt"

// Goal is one of the project's goals and what was measured.
type Goal struct {
	What     string  `json:"what"`
	Bound    float64 `json:"bound"`
	AtMost   bool    `json:"at_most"` // else the bound is the least
	Unit     string  `json:"unit,omitempty"`
	Measured float64 `json:"measured"`
	OK       bool    `json:"ok"`
}

// The goals.
const (
	leastReads     = 0.7 // of bare echo
	leastCreates   = 0.6 // of bare echo
	leastDurable   = 0.5 // of creates in memory
	longestStartMS = 50
	largestMB      = 400
	greatestGrowth = 2
)

// judge holds what was measured against the goals; what was left out has none.
func judge(r *Report) (goals []Goal) {
	atLeast := func(what string, bound, measured float64) {
		goals = append(goals, Goal{What: what, Bound: bound, Measured: measured, OK: measured >= bound})
	}
	atMost := func(what string, bound, measured float64, unit string) {
		goals = append(goals, Goal{What: what, Bound: bound, AtMost: true, Unit: unit, Measured: measured, OK: measured <= bound})
	}
	for _, l := range r.Loads {
		switch {
		case (l.Load == "read" || l.Load == "list") && l.Server == inMemory:
			atLeast(l.Load+", of bare echo", leastReads, l.OfBareEcho)
		case l.Load == "create" && l.Server == inMemory:
			atLeast("create in memory, of bare echo", leastCreates, l.OfBareEcho)
		case l.Load == "create" && l.Server == onDisk:
			atLeast("create with --data, of those in memory", leastDurable, l.OfMemory)
		}
	}
	for _, s := range r.Starts {
		if s.Server == inMemory {
			atMost("start until the first answer", longestStartMS, s.MedianMS, "ms")
		}
	}
	if r.Big != nil {
		atMost(fmt.Sprintf("resident with %d instances", r.Big.Instances), largestMB, r.Big.ResidentMB, "MB")
		for _, g := range r.Big.Requests {
			atMost(fmt.Sprintf("%s, of that with %d instances", g.Request, few), greatestGrowth, g.Ratio, "")
		}
	}
	return goals
}
