// Package simtest gives a Go test a simulator of its own in one line:
//
//	func TestTrainer(t *testing.T) {
//		t.Parallel()
//		sim := simtest.New(t, simtest.Seed(7), simtest.FailOnLeak(), simtest.Budget("20"))
//		client, err := pictor.New(pictor.Config{Endpoint: sim.Endpoint, APIKey: sim.APIKey})
//		// … rent something with the code under test …
//		sim.RunUntil("trainer", engine.StatusTerminated) // a day passes at once
//		if cost := sim.Cost(); cost > 8*engine.Credit {
//			t.Errorf("a day costs %d micro-credits", cost)
//		}
//	}
//
// The package's example is the same in full.
//
// A simulator starts in about a millisecond and ends with its test, so each test
// has its own, and all can be parallel.
//
// # Time
//
// Nobody waits. The clock stands still at [engine.Epoch], but for machines in
// transition: one moves on whenever it is read, so that code that polls sees it
// come up. [Sim.Advance], [Sim.AdvanceTo] and [Sim.RunUntil] move the clock; what
// becomes due, such as the end of a rental or its renewal, has happened when they
// return. [Clock] chooses another mode.
//
// # Failure
//
// [Sim.Fault] lets requests go wrong (see package fault for what can). A fault
// that never hit fails the test, because then the test did not test what it says.
//
//	lost := sim.Fault(fault.Plan{Operation: "createInstance", Phase: fault.After, Effect: fault.Reset{}})
//
// # What it has cost
//
// [Sim.Instances], [Sim.Ledger], [Sim.Bill] and [Sim.Requests] tell what the code
// under test has done. With [FailOnLeak] the test fails when a machine outlives it,
// with [Budget] when it has cost more than it may.
//
// # Programs
//
// A program finds the simulator by its environment ([Sim.Environ], [Sim.SetEnv]):
// the Pulumi provider by PICTOR_ENDPOINT and PICTOR_API_KEY.
//
// # Honesty
//
// Every answer is held against the contract; one that does not fit fails the test.
package simtest
