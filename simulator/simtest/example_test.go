package simtest_test

import (
	"context"
	"fmt"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// trainer is the code under test: it rents the cheapest RTX 4090 for a day.
func trainer(ctx context.Context, client *pictor.Client) (machine *pictor.Instance, err error) {
	offers, err := client.ListOffers(ctx, pictor.OfferFilter{GpuModel: "RTX 4090"})
	if err != nil {
		return nil, err
	}
	rented, err := client.CreateInstance(ctx, pictor.InstanceCreate{
		Name: "trainer", OfferId: offers[0].Id, Os: pictor.Linux, GpuCount: 1, StorageGb: 50, RentalHours: 24,
	}, "the trainer of today")
	if pictor.IsCode(err, pictor.CodeAmbiguous) {
		return client.FindInstance(ctx, "trainer") // rented or not, we do not know
	}
	return &rented, err
}

// The answer to the rental is lost, and still there is one machine, which is paid
// for once. It comes up, a day passes, it is given back.
func Example() {
	t := &recorder{} // in func TestTrainer(t *testing.T) it is there already
	defer t.end()

	sim := simtest.New(t, simtest.Seed(7), simtest.FailOnLeak(), simtest.Budget("20"))
	sim.Fault(fault.Plan{Operation: "createInstance", Phase: fault.After, Effect: fault.Reset{}})

	ctx := context.Background()
	client, err := pictor.New(pictor.Config{Endpoint: sim.Endpoint, APIKey: sim.APIKey})
	if err != nil {
		t.Fatalf("%v", err)
	}
	machine, err := trainer(ctx, client)
	if err != nil {
		t.Fatalf("%v", err)
	}
	fmt.Println(len(sim.Instances()), "machine; rentals sent:", len(sim.Requests(simtest.Operation("createInstance"))))

	running := sim.RunUntil("trainer", engine.StatusRunning)
	fmt.Println(running.Name, "is", running.Status, "after", sim.Now().Sub(engine.Epoch))
	over := sim.RunUntil("trainer", engine.StatusTerminated)
	fmt.Println(over.Name, "is", over.Status, "after", sim.Now().Sub(engine.Epoch))
	for _, line := range sim.Bill().Lines {
		fmt.Printf("%s: %s credits\n", line.Description, pictor.Credits(line.Amount))
	}

	// Without this the test fails: "machine trainer (…) outlives the test".
	if err := client.DeleteInstance(ctx, machine.Id); err != nil {
		t.Fatalf("%v", err)
	}
	// Output:
	// 1 machine; rentals sent: 1
	// trainer is running after 3.5s
	// trainer is terminated after 24h0m3.5s
	// rental of trainer: 1 x RTX 4090 for 24 h: 8.16 credits
	// storage of trainer: 50 GB: 0.333333 credits
}
