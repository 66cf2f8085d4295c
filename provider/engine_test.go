package provider_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/blang/semver"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/integration"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/provider"
	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/dialect"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

const (
	instanceType = tokens.Type("pictor:index:Instance")
	sshKeyType   = tokens.Type("pictor:index:SshKey")
)

// simtestFrozen stops the simulator's clock: nothing moves on by itself.
var simtestFrozen = simtest.Clock("frozen")

const ed25519Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"

// stack is as much of Pulumi's engine as a resource sees: it asks in the
// engine's order and keeps what the engine keeps.
type stack struct {
	t       *testing.T
	server  integration.Server
	sim     *simtest.Sim
	clock   *restless
	cancel  context.CancelFunc
	said    *said
	sent    *sent
	timeout float64 // customTimeouts, in seconds
}

// restless is a clock that never waits, so that no test does, and that can be
// put forward.
type restless struct{ ahead atomic.Int64 }

func (c *restless) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *restless) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

func (c *restless) forward(d time.Duration) { c.ahead.Add(int64(d)) }

// newStack configures a provider for a simulator of its own.
func newStack(t *testing.T, options ...simtest.Option) *stack {
	t.Helper()
	sim := simtest.New(t, options...)
	return onSim(t, sim, &restless{}, nil)
}

// onSim configures a provider for a simulator.
func onSim(t *testing.T, sim *simtest.Sim, clock pictor.Clock, config props) *stack {
	t.Helper()
	sent := &sent{next: http.DefaultTransport.(*http.Transport).Clone()}
	s := serve(t, provider.Options{Clock: clock, Transport: sent})
	s.sim, s.sent = sim, sent
	s.clock, _ = clock.(*restless)
	s.configure(with(props{"endpoint": text(sim.Endpoint), "apiKey": text(sim.APIKey).WithSecret(true)}, config))
	return s
}

// again is the next run of Pulumi: a provider of its own, in which nothing goes
// on from before, such as a look that nobody waits for any more.
func (s *stack) again() *stack {
	s.t.Helper()
	return onSim(s.t, s.sim, s.clock, nil)
}

func serve(t *testing.T, options provider.Options) *stack {
	t.Helper()
	prov, err := provider.New(options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	said := &said{}
	server, err := integration.NewServer(said.listen(ctx), provider.Name, semver.MustParse(provider.Version), integration.WithProvider(prov))
	if err != nil {
		t.Fatal(err)
	}
	return &stack{t: t, server: server, cancel: cancel, said: said}
}

func (s *stack) configure(config map[string]property.Value) {
	s.t.Helper()
	if err := s.server.Configure(p.ConfigureRequest{Args: property.NewMap(config)}); err != nil {
		s.t.Fatalf("configure: %v", err)
	}
}

// res is a resource as the engine keeps it.
type res struct {
	urn    resource.URN
	id     string
	inputs property.Map
	state  property.Map
	failed bool // its last create or update failed half-way
}

func urnOf(t tokens.Type, name string) resource.URN {
	return resource.NewURN("test", "test", "", t, name)
}

type props = map[string]property.Value

// check lets the provider check inputs, as the engine does before everything else.
func (s *stack) check(t tokens.Type, name string, olds property.Map, inputs props) (property.Map, []p.CheckFailure) {
	s.t.Helper()
	resp, err := s.server.Check(p.CheckRequest{Urn: urnOf(t, name), State: olds, Inputs: property.NewMap(inputs)})
	if err != nil {
		s.t.Fatalf("check %s: %v", name, err)
	}
	return resp.Inputs, resp.Failures
}

func (s *stack) mustCheck(t tokens.Type, name string, olds property.Map, inputs props) property.Map {
	s.t.Helper()
	checked, failures := s.check(t, name, olds, inputs)
	if len(failures) > 0 {
		s.t.Fatalf("check %s: %v", name, failures)
	}
	return checked
}

// create checks and creates. The resource is nil when the engine would keep none.
func (s *stack) create(t tokens.Type, name string, inputs props) (*res, error) {
	s.t.Helper()
	checked := s.mustCheck(t, name, property.Map{}, inputs)
	resp, err := s.server.Create(p.CreateRequest{Urn: urnOf(t, name), Properties: checked, Timeout: s.timeout})
	if err != nil && resp.PartialState == nil {
		return nil, err
	}
	r := &res{urn: urnOf(t, name), id: resp.ID, inputs: checked, state: resp.Properties}
	return r, s.partial(r, resp.PartialState)
}

func (s *stack) partial(r *res, failed *p.InitializationFailed) error {
	r.failed = failed != nil
	if !r.failed {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(failed.Reasons, "\n"))
}

func (s *stack) mustCreate(t tokens.Type, name string, inputs props) *res {
	s.t.Helper()
	r, err := s.create(t, name, inputs)
	if err != nil {
		s.t.Fatalf("create %s: %v", name, err)
	}
	return r
}

// previewCreate is what a preview shows of a new resource.
func (s *stack) previewCreate(t tokens.Type, name string, inputs props) (property.Map, error) {
	s.t.Helper()
	checked := s.mustCheck(t, name, property.Map{}, inputs)
	resp, err := s.server.Create(p.CreateRequest{Urn: urnOf(t, name), Properties: checked, DryRun: true})
	return resp.Properties, err
}

// diff checks new inputs and compares.
func (s *stack) diff(r *res, inputs props) (p.DiffResponse, property.Map, error) {
	s.t.Helper()
	checked := s.mustCheck(r.urn.Type(), r.urn.Name(), r.inputs, inputs)
	resp, err := s.server.Diff(p.DiffRequest{ID: r.id, Urn: r.urn, State: r.state, OldInputs: r.inputs, Inputs: checked})
	return resp, checked, err
}

// update diffs and updates, as the engine does unless there is nothing to do.
func (s *stack) update(r *res, inputs props) error {
	s.t.Helper()
	d, checked, err := s.diff(r, inputs)
	if err != nil {
		return err
	}
	for key, kind := range d.DetailedDiff {
		if strings.HasSuffix(string(kind.Kind), "replace") {
			s.t.Fatalf("%s would be replaced for %s", r.urn.Name(), key)
		}
	}
	if !d.HasChanges && !r.failed {
		return nil
	}
	resp, err := s.server.Update(p.UpdateRequest{ID: r.id, Urn: r.urn, State: r.state, OldInputs: r.inputs, Inputs: checked, Timeout: s.timeout})
	if err != nil && resp.PartialState == nil {
		return err
	}
	r.inputs, r.state = checked, resp.Properties
	return s.partial(r, resp.PartialState)
}

// refresh reads; the resource's id is empty afterwards when it is gone.
func (s *stack) refresh(r *res) error {
	s.t.Helper()
	resp, err := s.server.Read(p.ReadRequest{ID: r.id, Urn: r.urn, Properties: r.state, Inputs: r.inputs})
	if err != nil {
		return err
	}
	// The engine also forgets that the last run failed half-way.
	r.id, r.state, r.inputs, r.failed = resp.ID, resp.Properties, resp.Inputs, false
	return nil
}

// wantDropped refreshes what is gone. A service whose 404 has no words proves
// nothing by it: then the resource stays, and the error says what to do.
func (s *stack) wantDropped(r *res) {
	s.t.Helper()
	err := s.refresh(r)
	if speaksWithoutWords(s.t) {
		wantError(s.t, err, "PICTOR_ENDPOINT")
	} else if err != nil || r.id != "" {
		s.t.Errorf("what is gone stays: %q, %v", r.id, err)
	}
}

// wantDeleted deletes what is gone already; see wantDropped.
func (s *stack) wantDeleted(r *res) {
	s.t.Helper()
	if err := s.delete(r); speaksWithoutWords(s.t) {
		wantError(s.t, err, "PICTOR_ENDPOINT")
	} else if err != nil {
		s.t.Errorf("deleting what is gone: %v", err)
	}
}

// speaksWithoutWords tells whether the simulator's refusals are pages, plain
// text or nothing (see simtest.DialectVariable).
func speaksWithoutWords(t *testing.T) bool {
	t.Helper()
	spoken, err := dialect.Parse(os.Getenv(simtest.DialectVariable))
	if err != nil {
		t.Fatal(err)
	}
	return slices.Contains([]dialect.Errors{dialect.ErrorText, dialect.ErrorHTML, dialect.ErrorNone}, spoken.Errors)
}

// importing reads what the engine knows nothing of but an id.
func (s *stack) importing(t tokens.Type, name, id string) (*res, error) {
	s.t.Helper()
	r := &res{urn: urnOf(t, name), id: id}
	err := s.refresh(r)
	return r, err
}

func (s *stack) delete(r *res) error {
	s.t.Helper()
	return s.server.Delete(p.DeleteRequest{ID: r.id, Urn: r.urn, Properties: r.state, OldInputs: r.inputs, Timeout: s.timeout})
}

func (s *stack) noDiff(r *res, inputs props) {
	s.t.Helper()
	d, _, err := s.diff(r, inputs)
	if err != nil {
		s.t.Fatal(err)
	}
	if d.HasChanges {
		s.t.Errorf("%s: nothing was to change, but %v does", r.urn.Name(), d.DetailedDiff)
	}
}

// text, number and flag are values of properties.
func text(s string) property.Value { return property.New(s) }

func number(n int) property.Value { return property.New(float64(n)) }

func flag(b bool) property.Value { return property.New(b) }

func texts(list ...string) property.Value {
	var values []property.Value
	for _, s := range list {
		values = append(values, property.New(s))
	}
	return property.New(property.NewArray(values))
}

var unknown = property.New(property.Computed)

func wantText(t *testing.T, m property.Map, key, want string) {
	t.Helper()
	if got := m.Get(key); !got.IsString() || got.AsString() != want {
		t.Errorf("%s is %v, not %q", key, got, want)
	}
}

func wantNumber(t *testing.T, m property.Map, key string, want int) {
	t.Helper()
	if got := m.Get(key); !got.IsNumber() || int(got.AsNumber()) != want {
		t.Errorf("%s is %v, not %d", key, got, want)
	}
}

// wantError fails unless the error says all of these.
func wantError(t *testing.T, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one that says %q", says)
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("the error does not say %q:\n%v", s, err)
		}
	}
}

// with is a copy of properties with some changed; a nil Value removes one.
func with(m props, changes props) props {
	out := props{}
	for k, v := range m {
		out[k] = v
	}
	for k, v := range changes {
		if v.IsNull() {
			delete(out, k)
		} else {
			out[k] = v
		}
	}
	return out
}

// previewUpdate is what a preview shows of an update.
func (s *stack) previewUpdate(r *res, checked property.Map) property.Map {
	s.t.Helper()
	resp, err := s.server.Update(p.UpdateRequest{ID: r.id, Urn: r.urn, State: r.state, OldInputs: r.inputs, Inputs: checked, DryRun: true})
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.Properties
}

// parse reads a decimal string.
func parse(t *testing.T, v property.Value) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(v.AsString(), 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
