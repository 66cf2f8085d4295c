package simtest_test

import (
	"regexp"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// What fails a test at its end, and what does not.
func TestExpectations(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options []simtest.Option
		run     func(t testing.TB, sim *simtest.Sim, r renter)
		says    string
	}{
		"a leak": {
			[]simtest.Option{simtest.FailOnLeak()},
			func(_ testing.TB, _ *simtest.Sim, r renter) {
				r.rent("trainer", 1)
				r.rent("second", 1)
			},
			`^machine trainer \(\w+, pending\) outlives the test and would go on costing money: .*\n` +
				`machine second \(\w+, pending\) outlives the test and would go on costing money: .*$`,
		},
		"a leak that nobody minds": {
			nil, func(_ testing.TB, _ *simtest.Sim, r renter) { r.rent("trainer", 1) }, `^$`,
		},
		"given back": {
			[]simtest.Option{simtest.FailOnLeak()},
			func(_ testing.TB, _ *simtest.Sim, r renter) { r.giveBack(r.rent("trainer", 1)) }, `^$`,
		},
		"given back by a cleanup": {
			[]simtest.Option{simtest.FailOnLeak()},
			func(t testing.TB, _ *simtest.Sim, r renter) {
				machine := r.rent("trainer", 1)
				t.Cleanup(func() { r.giveBack(machine) })
			}, `^$`,
		},
		"rented when the client had given up": {
			[]simtest.Option{simtest.FailOnLeak()},
			func(_ testing.TB, sim *simtest.Sim, r renter) {
				sim.Fault(fault.Plan{Operation: "createInstance", Phase: fault.PhaseLate, Effect: fault.Reset{}})
				_, _ = r.try("trainer", 1)
			},
			`^machine trainer \(\w+, pending\) outlives the test`,
		},
		"over the budget": {
			[]simtest.Option{simtest.Budget("0.01")},
			func(_ testing.TB, _ *simtest.Sim, r renter) { r.giveBack(r.rent("trainer", 1)) },
			`^the test would have cost 0\.\d+ credits; its budget is 0\.01$`,
		},
		"within the budget": {
			[]simtest.Option{simtest.Budget("99")},
			func(_ testing.TB, _ *simtest.Sim, r renter) { r.giveBack(r.rent("trainer", 1)) }, `^$`,
		},
		"a fault that never hit": {
			nil,
			func(_ testing.TB, sim *simtest.Sim, _ renter) { sim.Fault(fault.Plan{Effect: fault.Reset{}}) },
			`^fault flt_1 \(any operation, fault\.Reset\) never hit`,
		},
		"an answer that does not fit the contract": {
			nil,
			func(t testing.TB, sim *simtest.Sim, r renter) {
				sim.Do(t, func(w *engine.World) error {
					w.Ledger()[0].Type = "gift"
					return nil
				})
				if status := r.get(sim.Endpoint+"/transactions", sim.APIKey); status != 500 {
					t.Errorf("it is answered %d", status)
				}
			},
			`^simulator: the simulator is wrong, or its contract is; report it:\n  GET /api/transactions \(listTransactions\) was to be answered 200, which does not fit the contract: data\.\d\.type: value is not one of the allowed values`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			said := record(func(tb testing.TB) {
				sim := simtest.New(tb, test.options...)
				test.run(tb, sim, newRenter(t, sim))
			})
			if !regexp.MustCompile(test.says).MatchString(said) {
				t.Errorf("it says %q, want %s", said, test.says)
			}
		})
	}
}
