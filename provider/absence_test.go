package provider_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// rerouted asks a simulator at another address, as if it had been started anew
// at the old one.
type rerouted struct {
	to   *url.URL
	next http.RoundTripper
}

func (r rerouted) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Host, req.Host = r.to.Host, r.to.Host
	return r.next.RoundTrip(req)
}

// beganAnew lets the stack's provider, which goes on running, find a world that
// has begun anew, behind the same address and API key.
func (s *stack) beganAnew(options ...simtest.Option) *simtest.Sim {
	s.t.Helper()
	anew := simtest.New(s.t, append(options, simtest.Configure(func(c *simulator.Config) { c.APIKey = s.sim.APIKey }))...)
	to, err := url.Parse(anew.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	s.sent.goBy(func(next http.RoundTripper) http.RoundTripper { return rerouted{to, next} })
	return anew
}

// anotherSandbox makes one of the same seed in the same simulator, and gives its key.
func anotherSandbox(t *testing.T, sim *simtest.Sim) string {
	t.Helper()
	resp, err := http.Post(sim.URL+"/_sim/sandboxes", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var made struct {
		APIKey string `json:"api_key"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&made); err != nil || made.APIKey == "" {
		t.Fatalf("create a sandbox: %s, %v", resp.Status, err)
	}
	return made.APIKey
}

// Whatever answers instead of the account's own API, at every address of it: a
// refresh and a delete keep the resource, and say what they tried, on what, and
// what to do.
func TestNothingButTheAccountsOwnAnswerDropsAResource(t *testing.T) {
	t.Parallel()
	answers := func(phase fault.Phase, effect fault.Effect) func(*stack) *stack {
		return func(s *stack) *stack {
			s.sim.Fault(fault.Plan{Times: -1, Phase: phase, Effect: effect})
			return s
		}
	}
	status := func(code int, body string) func(*stack) *stack {
		return answers(fault.Before, fault.Status{Code: code, Body: body, ContentType: "application/json"})
	}
	configured := func(config func(sim *simtest.Sim) props) func(*stack) *stack {
		return func(s *stack) *stack { return onSim(t, s.sim, &restless{}, config(s.sim)) }
	}
	for name, c := range map[string]struct {
		meets func(*stack) *stack
		says  string
	}{
		"401":                  {status(401, `{"message":"no","code":"unauthorized"}`), "app.pictor.network/account/keys"},
		"403":                  {status(403, `{"message":"no","code":"forbidden"}`), "may not"},
		"a revoked key":        {func(s *stack) *stack { s.sim.NewKey(t); return s }, "app.pictor.network/account/keys"},
		"another path":         {configured(func(sim *simtest.Sim) props { return props{"endpoint": text(sim.URL + "/v9")} }), "PICTOR_ENDPOINT"},
		"a path below the API": {configured(func(sim *simtest.Sim) props { return props{"endpoint": text(sim.Endpoint + "/gpu-instances")} }), "PICTOR_ENDPOINT"},
		"another account's key": {configured(func(*simtest.Sim) props {
			other := simtest.New(t, simtest.Seed(2))
			return props{"endpoint": text(other.Endpoint), "apiKey": text(other.APIKey)}
		}), "use a key of the account that has it"},
		"another sandbox's key": {configured(func(sim *simtest.Sim) props {
			return props{"apiKey": text(anotherSandbox(t, sim))}
		}), "use a key of the account that has it"},
		"another account began anew": {func(s *stack) *stack { s.beganAnew(simtest.Seed(2)); return s }, "use a key of the account that has it"},
		"500":                        {status(500, `{"message":"no","code":"server_error"}`), "try again later"},
		"503":                        {answers(fault.Before, fault.Status{Code: 503, RetryAfter: 1}), "try again later"},
		"no answer in time": {func(s *stack) *stack {
			s.sent.goBy(func(next http.RoundTripper) http.RoundTripper {
				impatient := next.(*http.Transport).Clone()
				impatient.ResponseHeaderTimeout = 20 * time.Millisecond
				return impatient
			})
			return answers(fault.Before, fault.Delay{By: fault.Duration(time.Minute)})(s)
		}, "in time"},
		"HTML 200":         {answers(fault.Before, fault.HTML{Code: 200}), "PICTOR_ENDPOINT"},
		"HTML 404":         {answers(fault.Before, fault.HTML{Code: 404}), "PICTOR_ENDPOINT"},
		"HTML 502":         {answers(fault.Before, fault.HTML{}), "try again later"},
		"no JSON":          {status(200, `}nonsense{`), "PICTOR_ENDPOINT"},
		"empty object":     {status(200, `{}`), "PICTOR_ENDPOINT"},
		"other object":     {status(200, `{"hello":"world"}`), "PICTOR_ENDPOINT"},
		"empty list":       {status(200, `[]`), "PICTOR_ENDPOINT"},
		"null":             {status(200, `null`), "PICTOR_ENDPOINT"},
		"a truncated body": {answers(fault.After, fault.Truncate{Keep: 20}), "PICTOR_ENDPOINT"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t)
			machine := s.mustCreate(instanceType, "trainer", trainer)
			key := s.mustCreate(sshKeyType, "laptop", props{"publicKey": text(ed25519Key)})
			s.sim.Advance(provisioned)
			met := c.meets(s)
			for what, r := range map[string]*res{"instance": machine, "SSH key": key} {
				kept := *r
				refused := met.refresh(r)
				wantError(t, refused, what, c.says)
				if r.id != kept.id {
					t.Errorf("a refresh drops the %s", what)
				}
				*r = kept
				wantError(t, met.delete(r), what, c.says)
			}
			s.sim.ClearFaults()
			if inst := onlyInstance(t, s.sim); inst.ID != machine.id {
				t.Errorf("the account has %s, and the state %s", inst.ID, machine.id)
			}
		})
	}
}

// A world that has begun anew under the very account looks like one in which
// everything was deleted: what it does not have is dropped. Only a simulator
// without a data file can come to that, and its machines are gone indeed.
func TestAWorldThatBeganAnewUnderTheSameAccountHasNoneOfTheOld(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	machine := s.mustCreate(instanceType, "trainer", trainer)
	key := s.mustCreate(sshKeyType, "laptop", props{"publicKey": text(ed25519Key)})
	s.beganAnew()
	s.wantDropped(machine)
	s.wantDropped(key)
}
