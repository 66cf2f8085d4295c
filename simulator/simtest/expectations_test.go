package simtest_test

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// refusal hits whoever asks for the account.
var refusal = fault.Plan{Operation: "getAccount", Effect: fault.Status{Code: http.StatusServiceUnavailable}}

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
		"a fault whose counts were set back after it hit": {
			nil,
			func(_ testing.TB, sim *simtest.Sim, r renter) {
				sim.Fault(refusal)
				r.refused()
				r.control("POST", "/faults/reset", struct{}{})
			}, `^$`,
		},
		"a fault that hits when a snapshot has brought it back": {
			nil,
			func(t testing.TB, sim *simtest.Sim, r renter) {
				planned := sim.Fault(refusal)
				r.control("PUT", "/snapshot", sim.Snapshot())
				r.refused()
				if n := planned.Fired(); n != 1 {
					t.Errorf("it has hit %d requests", n)
				}
			}, `^$`,
		},
		"an optional fault that a snapshot has brought back": {
			nil,
			func(_ testing.TB, sim *simtest.Sim, r renter) {
				sim.Fault(fault.Plan{Optional: true, Effect: fault.Reset{}})
				r.control("PUT", "/snapshot", sim.Snapshot())
			}, `^$`,
		},
		"a fault that was taken away before it hit": {
			nil,
			func(_ testing.TB, sim *simtest.Sim, _ renter) {
				sim.Fault(refusal)
				sim.ClearFaults()
			},
			`^fault flt_1 \(getAccount, fault\.Status\) never hit`,
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
