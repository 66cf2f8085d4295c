package main

import (
	"strings"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func byTheDay(ctx *pulumi.Context) error { return trainer(ctx, false) }

// only is the one machine that is rented.
func only(t *testing.T, sim *simtest.Sim) engine.Instance {
	t.Helper()
	machines := sim.Instances()
	if len(machines) != 1 {
		t.Fatalf("%d machines are rented, want one", len(machines))
	}
	return machines[0]
}

// rentals is how many rental periods have been paid for.
func rentals(sim *simtest.Sim) (n int) {
	for _, entry := range sim.Ledger() {
		if strings.HasPrefix(entry.Description, "rental of") || strings.HasPrefix(entry.Description, "renewal of") {
			n++
		}
	}
	return n
}

func TestOneMachineAndNothingIsLeftToChange(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t, simtest.FailOnLeak(), simtest.Budget("10"))
	stack := deploy(t, sim, byTheDay)

	outputs := stack.up()
	if machine := only(t, sim); outputs["machine"].Value != machine.Name || outputs["login"].Value != "ssh root@"+machine.Address {
		t.Errorf("the outputs are %v, and the machine is %s at %s", outputs, machine.Name, machine.Address)
	}

	preview, err := stack.Preview(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if changes := preview.ChangeSummary; len(changes) != 1 || changes[apitype.OpSame] != 2 {
		t.Errorf("a second preview has the changes %v", changes)
	}
}

func TestTheRentalEndsAfterADayAndTheNextUpRentsAnother(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t, simtest.FailOnLeak())
	stack := deploy(t, sim, byTheDay)
	first := stack.up()["machine"].Value

	sim.Advance(25 * time.Hour)
	if machine := only(t, sim); machine.Status != engine.StatusTerminated {
		t.Errorf("after 25 hours it is %s", machine.Status)
	}

	second := stack.up(optup.Refresh())["machine"].Value
	if machine := only(t, sim); machine.Status != engine.StatusRunning || machine.Name != second || second == first {
		t.Errorf("%s is %s; it was %s and is to be %s", machine.Name, machine.Status, first, second)
	}
}

func TestAutoRenewPaysForASecondDay(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t, simtest.FailOnLeak())
	deploy(t, sim, func(ctx *pulumi.Context) error { return trainer(ctx, true) }).up()

	sim.Advance(25 * time.Hour)
	if machine := only(t, sim); machine.Status != engine.StatusRunning || rentals(sim) != 2 {
		t.Errorf("after 25 hours it is %s and %d days are paid for", machine.Status, rentals(sim))
	}
}

func TestWhenTheAnswerToTheRentalIsLostOneMachineIsPaidForOnce(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t, simtest.FailOnLeak())
	sim.Fault(fault.Plan{Operation: "createInstance", Phase: fault.After, Effect: fault.Reset{}})

	outputs := deploy(t, sim, byTheDay).up()
	if machine := only(t, sim); machine.Name != outputs["machine"].Value || machine.Status != engine.StatusRunning {
		t.Errorf("%s is %s; the outputs are %v", machine.Name, machine.Status, outputs)
	}
	if sent := len(sim.Requests(simtest.Operation("createInstance"))); sent != 1 || rentals(sim) != 1 {
		t.Errorf("%d rentals were sent, and %d paid for", sent, rentals(sim))
	}
}
