package simtest

import (
	"fmt"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// FailOnLeak fails the test when a machine that it rented outlives it: at Pictor
// it would go on costing money. What the test's own Cleanup functions delete is
// gone by then.
func FailOnLeak() Option { return func(s *settings) { s.expects.noLeaks = true } }

// Budget fails the test when it would have cost more than a number of credits,
// such as "5" or "2.50".
func Budget(credits string) Option {
	return func(s *settings) {
		limit, err := wire.ParseCredits(credits)
		if err != nil || limit < 0 {
			panic(fmt.Sprintf("simtest.Budget(%q) is no amount of credits", credits)) // the test is wrong itself
		}
		s.expects.budget = engine.Credits(limit)
	}
}

// noBudget is the budget of who has no limit.
const noBudget engine.Credits = -1

// expectations are what a test may cost and leave behind.
type expectations struct {
	noLeaks bool
	budget  engine.Credits

	// Where the world stood at first.
	entries int
	rentals int64
}

func (e *expectations) begin(sandbox *store.Sandbox) {
	sandbox.View(func(w *engine.World) { e.entries, e.rentals = len(w.Ledger()), w.Rentals() })
}

// checkExpectations is for the end of the test.
func (s *Sim) checkExpectations() {
	s.t.Helper()
	if cost := s.Cost(); s.expects.budget >= 0 && cost > s.expects.budget {
		s.t.Errorf("the test would have cost %s credits; its budget is %s", wire.Credits(cost), wire.Credits(s.expects.budget))
	}
	if !s.expects.noLeaks {
		return
	}
	var leaks []engine.Instance
	s.sandbox.View(func(w *engine.World) { leaks = w.Outliving(s.expects.rentals) })
	for _, inst := range leaks {
		s.t.Errorf("machine %s (%s, %s) outlives the test and would go on costing money: delete what a test rents, also when it fails",
			inst.Name, inst.ID, inst.Status)
	}
}
