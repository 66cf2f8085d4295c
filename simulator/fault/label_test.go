package fault_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

func TestALabelInANameAsksForAFault(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		first  int // how the create is answered; 0 is not at all
		rented int
		second int // how it is answered when it is sent again
	}{
		"x--sim-lost-answer":                    {0, 1, 422}, // the name is taken: it was made
		"x--sim-late-1ms":                       {0, 1, 422},
		"x--sim-unavailable":                    {503, 0, 201},
		"x--sim-unavailable-3fa9c1e":            {503, 0, 201}, // an automatic name's suffix
		"x--sim-rate-limited":                   {429, 0, 201},
		"x--sim-slow-1ms":                       {201, 1, 422},
		"x--sim-no-capacity":                    {409, 0, 409}, // until another offer is asked for
		"x--sim-unavailable--sim-lost-answer-1": {503, 0, 0},   // one after the other
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := simtest.New(t)
			body := strings.Replace(rental(t, sim), "trainer", name, 1)
			status, _, answer, err := send(t, sim, "POST", "/gpu-instances", body)
			if status != tc.first || (err == nil) != (tc.first != 0) {
				t.Errorf("answered %d %s (%v), want %d", status, answer, err, tc.first)
			}
			until(t, "it is rented", func() bool { return len(sim.Instances()) >= tc.rented })
			if n := len(sim.Instances()); n != tc.rented {
				t.Errorf("%d machines are rented, want %d", n, tc.rented)
			}
			if status, _, answer, err = send(t, sim, "POST", "/gpu-instances", body); status != tc.second || (err == nil) != (tc.second != 0) {
				t.Errorf("again it is answered %d %s (%v), want %d", status, answer, err, tc.second)
			}
		})
	}
}

func TestNoCapacityByLabelLeavesTheNextOffer(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	for i, want := range []int{409, 201} { // rental takes the first offer that is left
		if status, body, err := create(t, sim, "x--sim-no-capacity"); status != want || err != nil {
			t.Errorf("rent %d is answered %d %s (%v), want %d", i+1, status, body, err, want)
		}
	}
}

func TestLabelsThatStrikeTheMachine(t *testing.T) {
	t.Parallel()
	for name, check := range map[string]func(t *testing.T, sim *simtest.Sim){
		"x" + engine.FailProvisioningLabel + "ed": func(t *testing.T, sim *simtest.Sim) {
			if sim.Advance(time.Hour / 2); sim.Instances()[0].Status != engine.StatusError {
				t.Errorf("it is %s", sim.Instances()[0].Status)
			}
		},
		"x--sim-host-dies": func(t *testing.T, sim *simtest.Sim) {
			if sim.Advance(599 * time.Second); sim.Instances()[0].Status != engine.StatusRunning {
				t.Errorf("at first it is %s", sim.Instances()[0].Status)
			}
			if sim.Advance(time.Second); sim.Instances()[0].Status != engine.StatusError {
				t.Errorf("then it is %s", sim.Instances()[0].Status)
			}
		},
		"x--sim-host-dies-1m30s-3fa9c1e": func(t *testing.T, sim *simtest.Sim) {
			if sim.Advance(90 * time.Second); sim.Instances()[0].Status != engine.StatusError {
				t.Errorf("it is %s", sim.Instances()[0].Status)
			}
		},
		"x--sim-ssh-refused-45s": func(t *testing.T, sim *simtest.Sim) {
			sim.Advance(time.Minute)
			if inst := sim.Instances()[0]; !inst.ReachableAt.Equal(inst.ExpiresAt.Add(-time.Hour).Add(45 * time.Second)) {
				t.Errorf("it is reachable from %s", inst.ReachableAt)
			}
		},
		"x--sim-credits-run-out": func(t *testing.T, sim *simtest.Sim) {
			ledger := sim.Ledger()
			if left := ledger[len(ledger)-1].BalanceAfter; left != 0 {
				t.Errorf("%d are left", left)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := simtest.New(t, simtest.Clock("frozen"))
			if status, body, err := create(t, sim, name); status != 201 || err != nil {
				t.Fatalf("answered %d %s (%v)", status, body, err)
			}
			check(t, sim)
		})
	}
}

func TestLabelsOfAnSSHKey(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	for i, want := range []int{503, 201} {
		key := strings.Replace(sshKey, "laptop", "laptop--sim-unavailable", 1)
		if status, _, body, err := send(t, sim, "POST", "/ssh-keys", key); status != want || err != nil {
			t.Errorf("key %d is answered %d %s (%v), want %d", i+1, status, body, err, want)
		}
	}
}

func TestALabelThatNobodyKnowsIsRefused(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	for name, want := range map[string]string{
		"x--sim-hostdies":          "--sim-hostdies is no label of the simulator: use --sim-lost-answer, --sim-late,",
		"x--sim-slowly":            "--sim-slowly is no label",
		"x--sim-slow-2h":           "--sim-slow-2h cannot be: by: must be 1µs to 1m0s",
		"x--sim-unavailable--sim-": "--sim- is no label",
	} {
		if status, body, err := create(t, sim, name); status != 422 || err != nil || !strings.Contains(body, want) {
			t.Errorf("%s is answered %d %s (%v)", name, status, body, err)
		}
	}
	for _, l := range fault.Labels() {
		if err := fault.CheckLabels("x" + fault.LabelMark + l.Name); err != nil || l.About == "" {
			t.Errorf("%s: %v", l.Name, err)
		}
	}
}
