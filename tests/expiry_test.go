package tests

import (
	"strings"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// Every run says, once, that a machine is about to expire: also one in which
// nothing changes and nothing is asked.
func TestARunWarnsOfAMachineThatExpiresSoon(t *testing.T) {
	t.Parallel()
	const says = "and is not renewed"
	// The simulator's clock is 50 minutes behind: what it rents for an hour, ends in ten minutes.
	p := newProject(t, simtest.Clock("real"), simtest.Timings(engine.Timings{Provisioning: time.Millisecond}), simtest.Configure(func(c *simulator.Config) {
		c.Wall = func() time.Time { return time.Now().Add(-50 * time.Minute) }
	}))
	program := func(more string) {
		p.program("resources:\n  trainer: {type: pictor:Instance, properties: {rentalHours: 1" + more + "}}\n")
	}
	program("")
	p.pulumi("stack", "init", "e2e")
	for _, args := range [][]string{{"up", "--yes", "--skip-preview"}, {"up", "--yes", "--skip-preview"}, {"preview"}, {"refresh", "--yes", "--skip-preview"}} {
		out := p.pulumi(args...)
		if _, diagnostics, _ := strings.Cut(out, "Diagnostics:"); strings.Count(diagnostics, says) != 1 || !strings.Contains(out, "autoRenew") {
			t.Errorf("pulumi %s does not warn once:\n%s", args[0], out)
		}
	}
	for _, more := range []string{", autoRenew: true", ", extensionHours: 10"} {
		program(more)
		if out := p.pulumi("up", "--yes", "--skip-preview"); strings.Contains(out, says) {
			t.Errorf("with%s it warns of a machine that does not expire soon:\n%s", more, out)
		}
	}
}
