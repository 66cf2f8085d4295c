package tests

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/journal"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// spent is what a run of the CLI has asked of the API.
type spent struct {
	requests int
	took     time.Duration
	by       map[string]int // operation
}

func (s spent) String() string {
	text := fmt.Sprintf("%d requests in %s:", s.requests, s.took.Round(100*time.Millisecond))
	for _, operation := range slices.Sorted(maps.Keys(s.by)) {
		text += fmt.Sprintf(" %s %d", operation, s.by[operation])
	}
	return text
}

// spend counts the requests of a run, from the first one until it ends.
func (p *project) spend(args ...string) spent {
	p.t.Helper()
	var before int64
	for _, e := range p.sim.Requests() {
		before = e.Number
	}
	p.pulumi(args...)
	ended := time.Now()
	s := spent{by: map[string]int{}}
	for _, e := range p.sim.Requests(func(e *journal.Entry) bool { return e.Number > before }) {
		if s.requests++; s.requests == 1 {
			s.took = ended.Sub(e.Wall)
		}
		s.by[e.Operation]++
	}
	p.t.Logf("pulumi %s: %s", strings.Join(args, " "), s)
	return s
}

// within fails unless a run needed at most so many requests for each of n
// instances, and two a second.
func (s spent) within(t *testing.T, n int, each float64) {
	t.Helper()
	if most := float64(n)*each + 2*s.took.Seconds(); float64(s.requests) > most {
		t.Errorf("%d instances may need %.0f requests, and took %s", n, most, s)
	}
}

// A hundred machines that are rented, looked at and given back together ask the
// service little more than once each.
func TestAHundredMachinesShareTheirRequests(t *testing.T) {
	t.Parallel()
	const many = 100
	p := newProject(t, simtest.Clock("real"), simtest.Credits(100_000), simtest.Hosts(200),
		simtest.Timings(engine.Timings{Provisioning: 2 * time.Second, Deleting: time.Second}))
	var program strings.Builder
	program.WriteString("resources:\n")
	for i := range many {
		fmt.Fprintf(&program, "  worker%d: {type: pictor:Instance, properties: {rentalHours: 1}}\n", i)
	}
	p.program(program.String())
	p.pulumi("stack", "init", "many")

	p.spend("preview").within(t, many, 0.1)
	p.spend("up", "--yes", "--skip-preview", "--parallel", "100").within(t, many, 1.2)
	if running := len(p.sim.Instances()); running != many {
		t.Errorf("%d machines are rented, not %d", running, many)
	}
	if s := p.spend("up", "--yes", "--skip-preview", "--parallel", "100"); s.requests > 0 {
		t.Errorf("nothing was to change: %s", s)
	}
	p.spend("refresh", "--yes", "--skip-preview", "--parallel", "100").within(t, many, 0.1)
	p.spend("destroy", "--yes", "--skip-preview", "--parallel", "100").within(t, many, 2.2)
	if left := len(p.sim.Instances()); left != 0 {
		t.Errorf("%d machines are still rented", left)
	}
}
