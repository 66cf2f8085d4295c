package provider_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// sentTwice are the answers to a rental that a proxy has sent again by itself,
// after it had lost the first answer: the name is taken, by the machine that the
// first request has rented.
var sentTwice = map[string]fault.Effect{
	"422": fault.Status{Code: 422, ContentType: "application/json", Body: `{"message":"The given data was invalid.","code":"validation","errors":{"name":["has already been taken"]}}`},
	"400": fault.Status{Code: 400, ContentType: "application/json", Body: `{"message":"Name already in use."}`},
	"409": fault.Status{Code: 409, ContentType: "application/json", Body: `{"message":"The name is taken.","code":"conflict"}`},
}

func TestARentalThatAProxyHasSentTwiceIsNotLost(t *testing.T) {
	t.Parallel()
	for name, inputs := range map[string]props{"alone": trainer, "in a group": in("workers", trainer, props{"member": text("driver")})} {
		for status, answer := range sentTwice {
			t.Run(name+" "+status, func(t *testing.T) {
				t.Parallel()
				s := newStack(t)
				fired := s.sim.Fault(fault.Plan{Operation: "createInstance", Phase: fault.After, Effect: answer})
				r := s.mustCreate(instanceType, "trainer", inputs)
				if inst := onlyInstance(t, s.sim); inst.ID != r.id || fired.Fired() != 1 {
					t.Errorf("the state has %s, and %s is paid for", r.id, inst.ID)
				}
				s.noDiff(r, inputs)
			})
		}
	}
}

// Under a name that the program has chosen it can also be that of the same
// program in another stack, which must not be taken from it.
func TestAMachineUnderAChosenNameThatWasFreeIsNotAdoptedButNamed(t *testing.T) {
	t.Parallel()
	for status, answer := range sentTwice {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			s := newStack(t)
			s.sim.Fault(fault.Plan{Operation: "createInstance", Phase: fault.After, Effect: answer})
			r, err := s.create(instanceType, "trainer", with(trainer, props{"name": text("mine")}))
			if r != nil {
				t.Errorf("adopted %s", r.id)
			}
			wantError(t, err, "was free just before", "sent the request twice", "pulumi import pictor:index:Instance trainer "+onlyInstance(t, s.sim).ID)
		})
	}
}

// gateway takes another API key for the same account's.
type gateway struct {
	other, key string
	next       http.RoundTripper
}

func (g gateway) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Header.Get("Authorization") == "Bearer "+g.other {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+g.key)
	}
	return g.next.RoundTrip(r)
}

// A key that is refused gives way to the next one; but a 401 without words can be
// that of a proxy which spoils an answer.
func TestARentalIsNotSentAgainWithTheNextKeyAfterAProxysRefusal(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t, simtest.Policy(careless))
	s := serve(t, provider.Options{
		Clock:     &restless{},
		Getenv:    func(name string) string { return map[string]string{"PICTOR_API_KEY": "a-newer-key"}[name] },
		Transport: gateway{"a-newer-key", sim.APIKey, http.DefaultTransport},
	})
	s.configure(props{"endpoint": text(sim.Endpoint), "apiKey": text(sim.APIKey).WithSecret(true)})
	for operation, change := range map[string]props{"createInstance": nil, "extendInstance": {"extensionHours": number(5)}} {
		spoilt := sim.Fault(fault.Plan{Operation: operation, Phase: fault.After, Effect: fault.HTML{Code: 401}})
		var err error
		var r *res
		if r, err = s.create(instanceType, operation, with(trainer, change)); r == nil {
			t.Fatalf("%s: nothing is in the state: %v", operation, err)
		}
		fired(t, spoilt)
		for _, inst := range sim.Instances() {
			if strings.HasPrefix(inst.Name, operation) && (inst.ID != r.id || inst.ExtendedHours > 5) {
				t.Errorf("the state has %s, and %s is paid for, and extended by %d hours", r.id, inst.ID, inst.ExtendedHours)
			}
		}
	}
}
