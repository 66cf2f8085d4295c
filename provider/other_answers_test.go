package provider_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// said200 is an answer of success with another object than the contract's, such
// as the job that is to carry the request out.
func said200(body string) fault.Effect {
	return fault.Status{Code: 200, ContentType: "application/json", Body: body}
}

var otherObjects = map[string]string{
	"a job":          `{"id":"job_1","status":"queued"}`,
	"a named job":    `{"data":{"id":7,"name":"action","status":"in-progress","type":"rent"}}`,
	"a transaction":  `{"id":"txn_9","amount":"-2.1","type":"charge"}`,
	"another's":      `{"id":"ins_other","name":"other","status":"running"}`,
	"without a name": `{"data":{"id":"ins_other","status":"running"}}`,
}

// The id of something else must not become that of the machine: nobody would
// find the machine again.
func TestARentalAnsweredWithAnotherObjectIsStillFound(t *testing.T) {
	t.Parallel()
	for name, body := range otherObjects {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, simtest.Policy(careless))
			other := s.sim.Fault(fault.Plan{Operation: "createInstance", Phase: fault.After, Effect: said200(body)})
			r, err := s.create(instanceType, "trainer", trainer)
			fired(t, other)
			if err != nil {
				t.Fatal(err)
			}
			if inst := onlyInstance(t, s.sim); r.id != inst.ID || r.state.Get("instanceId").AsString() != inst.ID {
				t.Errorf("the state has %s (%v), and %s is paid for", r.id, r.state.Get("instanceId"), inst.ID)
			}
		})
	}
}

func TestAChangeAnsweredWithAnotherObjectLosesNothing(t *testing.T) {
	t.Parallel()
	for operation, change := range map[string]props{
		"extendInstance":     {"extensionHours": number(5)},
		"setAutoRenew":       {"autoRenew": flag(true)},
		"stopInstance":       {"desiredStatus": text("stopped")},
		"updateInstance":     {"name": text("renamed")},
		"setInstanceSshKeys": {"sshKeyIds": texts()},
	} {
		for name, body := range otherObjects {
			t.Run(fmt.Sprintf("%s %s", operation, name), func(t *testing.T) {
				t.Parallel()
				s := newStack(t, simtest.Policy(careless))
				key := s.mustCreate(sshKeyType, "laptop", props{"publicKey": text(ed25519Key)})
				had := with(trainer, props{"sshKeyIds": texts(key.id)})
				r := s.mustCreate(instanceType, "trainer", had)
				other := s.sim.Fault(fault.Plan{Operation: operation, Phase: fault.After, Effect: said200(body)})
				s.clock.forward(time.Hour)
				if err := s.update(r, with(had, change)); err != nil {
					t.Fatal(err)
				}
				fired(t, other)
				if inst := onlyInstance(t, s.sim); r.state.Get("instanceId").AsString() != inst.ID {
					t.Errorf("the state has %v, and %s is paid for", r.state.Get("instanceId"), inst.ID)
				}
				s.noDiff(r, with(had, change))
				if operation == "extendInstance" {
					wantNumber(t, r.state, "extendedHours", 5)
				}
			})
		}
	}
}

// A service may take a name for an id that cannot be, or find by it what has it.
func TestAnImportByNameDoesNotDependOnHowAnIdIsRefused(t *testing.T) {
	t.Parallel()
	for name, effect := range map[string]fault.Effect{
		"422":   fault.Status{Code: 422, ContentType: "application/json", Body: `{"message":"The id must be a number.","code":"validation"}`},
		"400":   fault.Status{Code: 400, Body: "bad id"},
		"found": said200(`{"id":"ins_77","name":"night","status":"running"}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t)
			had := s.mustCreate(instanceType, "trainer", with(trainer, props{"name": text("night")}))
			asked := s.sim.Fault(fault.Plan{Operation: "getInstance", Effect: effect})
			r, err := s.importing(instanceType, "trainer", "night")
			fired(t, asked)
			if err != nil || r.id != had.id {
				t.Errorf("imported %q, %v", r.id, err)
			}
		})
	}
}
