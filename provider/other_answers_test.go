package provider_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
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

// spelling answers requests for the list of machines with some words changed.
type spelling struct {
	words *strings.Replacer
	next  http.RoundTripper
}

func (s spelling) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := s.next.RoundTrip(r)
	if err != nil || r.Method != http.MethodGet || !strings.Contains(r.URL.Path, "/gpu-instances") || strings.Contains(r.URL.Path, "offers") {
		return answer, err
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	answer.Body = io.NopCloser(strings.NewReader(s.words.Replace(string(body))))
	answer.ContentLength = -1
	return answer, err
}

// A service tells a machine's properties in words of its own. Under a name that
// chance has made, a rental whose answer was lost is found all the same.
func TestAnUnknownRentalIsFoundByItsNameWhateverElseIsTold(t *testing.T) {
	t.Parallel()
	for told, words := range map[string]*strings.Replacer{
		"another os":      strings.NewReplacer(`"os":"linux"`, `"os":"Ubuntu 24.04"`, `"os":"Linux"`, `"os":"Ubuntu 24.04"`),
		"more storage":    strings.NewReplacer(`"storage_gb":50`, `"storage_gb":64`),
		"another offer":   strings.NewReplacer(`"offer_id":"off_`, `"offer_id":"plan_`, `"offer_id":`, `"offer_id":9`),
		"small letters":   strings.NewReplacer("Trainer-", "trainer-"),
		"nothing special": strings.NewReplacer(),
	} {
		t.Run(told, func(t *testing.T) {
			t.Parallel()
			s := newStack(t)
			s.sent.goBy(func(next http.RoundTripper) http.RoundTripper { return spelling{words, next} })
			lost := s.sim.Fault(fault.Plan{Operation: "createInstance", Phase: fault.After, Effect: resetAndBlind{s.sim, "listInstances"}})
			r, err := s.create(instanceType, "Trainer", trainer)
			wantError(t, err, "it is not known whether")
			fired(t, lost)
			s.sim.ClearFaults()
			next := s.again()
			next.sent.next = s.sent.next
			next.clock.forward(6 * time.Minute)
			if err := next.refresh(r); err != nil || r.id != onlyInstance(t, s.sim).ID {
				t.Errorf("the state has %q (%v), and %s is paid for", r.id, err, onlyInstance(t, s.sim).ID)
			}
		})
	}
}
