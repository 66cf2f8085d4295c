package tests

import (
	"strings"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// rented is a program that names its machine; more are further properties of it.
func rented(more string) string {
	return `
resources:
  trainer:
    type: pictor:Instance
    properties:
      name: mine
      rentalHours: 24
` + more + `
outputs: {model: "${trainer.gpuModel}", price: "${trainer.hourlyPrice}"}
`
}

func says(t *testing.T, out string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(out, w) {
			t.Errorf("the CLI does not show %q:\n%s", w, out)
		}
	}
}

// What a preview knows of the market, and that nothing is deleted for what
// cannot be had: the engine decides when it compares and when it deletes.
func TestReplacementsThroughTheRealEngine(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.program(rented(`      gpuModels: [RTX 4090, RTX 3090]`))
	p.pulumi("stack", "init", "e2e")
	says(t, p.pulumi("up", "--yes"), "1 x RTX 4090 on ")
	first := only(t, p.sim)
	if p.output("model") != first.GPUModel {
		t.Errorf("the model is %s, not %s", p.output("model"), first.GPUModel)
	}

	// Recorded only.
	p.program(rented("      gpuModels: [RTX 3090, RTX 4090]\n      capacityWait: 5m\n      maxPricePerHour: \"2\""))
	says(t, p.pulumi("preview", "--diff"), "~ pictor:index:Instance: (update)", "capacityWait")
	reads := len(p.sim.Requests(simtest.Operation("getInstance")))
	p.pulumi("up", "--yes")
	if now := len(p.sim.Requests(simtest.Operation("getInstance"))); now != reads {
		t.Errorf("what is recorded only read the instance %d times", now-reads)
	}
	p.pulumi("preview", "--expect-no-changes")

	// A model that is not to be had, in a preview and without one.
	p.program(rented(`      gpuModel: RTX 4091`))
	for _, args := range [][]string{{"preview"}, {"up", "--yes", "--skip-preview"}} {
		out, err := p.try(args...)
		if err == nil {
			t.Fatalf("pulumi %v went on:\n%s", args, out)
		}
		says(t, out, "nothing was deleted", `did you mean "RTX 4090"?`)
	}
	if only(t, p.sim).ID != first.ID {
		t.Fatal("the machine was replaced")
	}

	// A limit that the replacement would pass.
	p.program(rented(`      gpuModel: H100`))
	p.pulumi("config", "set", "pictor:maxHourlySpend", "0.50")
	out, err := p.try("up", "--yes", "--skip-preview")
	if err == nil {
		t.Fatalf("a limit of 0.50 lets an H100 be rented:\n%s", out)
	}
	says(t, out, "would pass maxHourlySpend", "nothing was deleted")
	p.pulumi("config", "rm", "pictor:maxHourlySpend")

	preview := p.pulumi("preview")
	says(t, preview, "gives up 24 h 0 min of prepaid time", "deletes the old instance first", "1 x H100 on ")
	p.pulumi("up", "--yes")
	if only(t, p.sim).GPUModel != "H100" || p.output("model") != "H100" {
		t.Errorf("not replaced: %+v", only(t, p.sim))
	}

	// A refresh compares too, and never fails for what cannot be had.
	p.sim.Advance(25 * time.Hour)
	p.pulumi("refresh", "--yes")
	p.pulumi("destroy", "--yes")
	if left := p.sim.Instances(); len(left) != 0 {
		t.Errorf("still rented: %+v", left)
	}
}
