package provider_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/blang/semver"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/integration"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pulumi-pictor/pulumi-pictor/provider"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

const fleetType = tokens.Type("pictor:index:Fleet")

// fleetStack is a stack whose engine registers a component's children with the
// same provider, as Pulumi's does.
type fleetStack struct {
	*stack

	mu       sync.Mutex
	children map[string]props // what was registered last, by name
	broken   error            // what a child is told once the run is broken off
}

func newFleetStack(t *testing.T, options ...simtest.Option) *fleetStack {
	t.Helper()
	f := &fleetStack{stack: &stack{t: t, sim: simtest.New(t, options...), clock: &restless{}}}
	f.newRun()
	return f
}

// newRun starts another provider process.
func (f *fleetStack) newRun() {
	f.t.Helper()
	prov, err := provider.New(provider.Options{Clock: f.clock})
	if err != nil {
		f.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	f.t.Cleanup(cancel)
	f.server, err = integration.NewServer(ctx, provider.Name, semver.MustParse(provider.Version), integration.WithProvider(prov),
		integration.WithMocks(&integration.MockResourceMonitor{NewResourceF: f.register}))
	if err != nil {
		f.t.Fatal(err)
	}
	f.children = map[string]props{}
	f.configure(props{"endpoint": text(f.sim.Endpoint), "apiKey": text(f.sim.APIKey).WithSecret(true)})
}

func (f *fleetStack) register(child integration.MockResourceArgs) (string, property.Map, error) {
	if child.TypeToken != instanceType {
		return "", property.Map{}, nil
	}
	inputs := child.Inputs.AsMap()
	f.mu.Lock()
	f.children[child.Name] = inputs
	f.mu.Unlock()
	if f.broken != nil {
		return "", property.Map{}, f.broken
	}
	r, err := f.create(instanceType, child.Name, inputs)
	if err != nil {
		return "", property.Map{}, err
	}
	return r.id, r.state, nil
}

func (f *fleetStack) construct(name string, inputs props) (property.Map, error) {
	f.t.Helper()
	resp, err := f.server.Construct(p.ConstructRequest{Urn: urnOf(fleetType, name), Inputs: property.NewMap(inputs), Parallel: 8})
	return resp.State, err
}

// faultyProperty is the property that an error is about.
func faultyProperty(err error) string {
	status, _ := rpcerror.FromError(err)
	if status == nil {
		return ""
	}
	for _, detail := range status.Details() {
		if d, ok := detail.(*pulumirpc.InputPropertiesError); ok && len(d.Errors) == 1 {
			return d.Errors[0].PropertyPath
		}
	}
	return ""
}

func list(v property.Value) []string {
	var all []string
	for _, e := range v.AsArray().All {
		all = append(all, e.AsString())
	}
	return all
}

func TestAFleetShowsItsMachines(t *testing.T) {
	t.Parallel()
	f := newFleetStack(t)
	out, err := f.construct("workers", props{"count": number(3), "template": property.New(worker), "placement": text("spreadHosts")})
	if err != nil {
		t.Fatal(err)
	}
	var names, addresses, logins []string
	var total engine.Credits
	for i := range 3 {
		machine := out.Get("instances").AsMap().Get(fmt.Sprint(i)).AsMap()
		names = append(names, machine.Get("name").AsString())
		addresses = append(addresses, machine.Get("connection").AsMap().Get("host").AsString())
		logins = append(logins, "ssh root@"+addresses[i])
	}
	for _, inst := range f.sim.Instances() {
		total += inst.PricePerHour
		if !slices.Contains(names, inst.Name) || !slices.Contains(addresses, inst.Address) {
			t.Errorf("%+v is not among the outputs %v", inst, out)
		}
	}
	for key, want := range map[string][]string{"names": names, "addresses": addresses, "loginCommands": logins} {
		if got := list(out.Get(key)); !slices.Equal(got, want) {
			t.Errorf("%s is %v, not %v", key, got, want)
		}
	}
	if got := parse(t, out.Get("hourlyPrice")); int64(got*1e6+0.5) != int64(total) {
		t.Errorf("the fleet costs %v, not %d micro-credits", got, total)
	}
	if hosts := count(f.sim, host); len(hosts) != 3 {
		t.Errorf("3 machines are on %d hosts", len(hosts))
	}
}

// The engine breaks a run off at the first machine that is refused, and shows
// why with that machine.
func TestAFleetDoesNotSpeakOfARunThatIsBrokenOff(t *testing.T) {
	t.Parallel()
	f := newFleetStack(t)
	f.broken = status.Error(codes.Canceled, "context canceled")
	_, err := f.construct("workers", props{"count": number(2), "template": property.New(worker)})
	if wantError(t, err, "see what is said of them"); strings.Contains(err.Error(), "ancel") {
		t.Errorf("the fleet says %v", err)
	}
}

func TestAnEmptyFleet(t *testing.T) {
	t.Parallel()
	f := newFleetStack(t)
	for _, empty := range []props{{"count": number(0)}, {"members": texts()}} {
		out, err := f.construct("workers", with(empty, props{"template": property.New(worker)}))
		if err != nil {
			t.Fatal(err)
		}
		wantText(t, out, "hourlyPrice", "0")
	}
}

func TestWhatAMemberIsAskedForDoesNotDependOnTheMarket(t *testing.T) {
	t.Parallel()
	f := newFleetStack(t)
	inputs := props{"members": texts("a", "b"), "template": property.New(worker), "placement": text("spreadCountries"), "maxPricePerHour": text("9")}
	if _, err := f.construct("workers", inputs); err != nil {
		t.Fatal(err)
	}
	before := f.children
	f.sim.Do(t, func(w *engine.World) error {
		w.Reprice(func(o engine.Offer) engine.Credits { return max(engine.Credit-o.PricePerGPUHour, engine.Credit/4) })
		return nil
	})
	f.newRun()
	if _, err := f.construct("workers", with(inputs, props{"members": texts("b", "a", "c")})); err != nil {
		t.Fatal(err)
	}
	for name, had := range before {
		if has := f.children[name]; !property.New(has).Equals(property.New(had)) {
			t.Errorf("%s was registered with %v, and now with %v", name, had, has)
		}
	}
	for name, want := range map[string]string{"workers-a": "a", "workers-b": "b", "workers-c": "c"} {
		wantText(t, f.children[name]["group"].AsMap(), "member", want)
	}
}

func TestTheGroupsOfFleetsAreTheirOwn(t *testing.T) {
	t.Parallel()
	groups := map[string]string{}
	for _, name := range []string{"workers", "workers-big", "a-very-long-name-of-a-fleet-1", "a-very-long-name-of-a-fleet-2", "v1.2"} {
		f := newFleetStack(t)
		out, err := f.construct(name, props{"members": texts("abcdefghijklmnopqrstuvwxyz"), "template": property.New(worker)})
		if err != nil {
			t.Fatal(err)
		}
		group := out.Get("group").AsString()
		if other, taken := groups[group]; taken {
			t.Errorf("%s and %s are both the group %s", name, other, group)
		}
		groups[group] = name
	}
}

func TestAFleetCountsOnlyTheMembersItKeeps(t *testing.T) {
	t.Parallel()
	f := newFleetStack(t)
	fleet := func(members ...string) props {
		return props{"members": texts(members...), "template": property.New(worker), "maxPricePerHour": text("0.5")} // 2 at today's price
	}
	if _, err := f.construct("workers", fleet("a", "b")); err != nil {
		t.Fatal(err)
	}
	c := with(f.children["workers-a"], props{"group": property.New(f.children["workers-a"]["group"].AsMap().Set("member", text("c")))})
	f.newRun()
	_, err := f.previewCreate(instanceType, "workers-c", c)
	wantError(t, err, "maxPricePerHour 0.5", "2 other members") // nobody has said that b goes
	if _, err := f.construct("workers", fleet("a", "c")); err != nil {
		t.Errorf("b, which goes, counts still: %v", err)
	}
}

func TestAFleetTakesWhatIsKnownFromOtherResources(t *testing.T) {
	t.Parallel()
	f := newFleetStack(t)
	laptop := []urn.URN{urnOf(sshKeyType, "laptop")}
	inputs := props{
		"members":  property.New([]property.Value{text("a").WithDependencies(laptop)}).WithDependencies(laptop),
		"template": property.New(worker).WithDependencies(laptop),
	}
	if _, err := f.construct("workers", inputs); err != nil {
		t.Fatal(err)
	}
	if inst := onlyInstance(t, f.sim); inst.RentalHours != 1 {
		t.Errorf("the template did not reach the machine: %+v", inst)
	}
}

func TestAFleetRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	f := newFleetStack(t)
	for _, c := range []struct {
		inputs props
		says   string
	}{
		{props{}, "count"},
		{props{"count": number(1), "members": texts("a")}, "count"},
		{props{"count": number(-1)}, "count"},
		{props{"count": number(1001)}, "count"},
		{props{"count": unknown}, "count"},
		{props{"members": texts("a", "b", "a")}, "members[2]"},
		{props{"members": texts("-")}, "members[0]"},
		{props{"members": texts("a.b")}, "members[0]"},
		{props{"members": texts("abcdefghijklmnopqrstuvwxyz1")}, "members[0]"},
		{props{"members": property.New([]property.Value{unknown})}, "members"},
		{props{"members": unknown}, "members"},
		{props{"count": property.New(1.5)}, "count"},
		{props{"count": number(1), "maxPricePerHour": number(1)}, "maxPricePerHour"},
		{props{"count": number(1), "template": property.New(with(worker, props{"maxPricePerHour": number(1)}))}, "template.maxPricePerHour"},
		{props{"count": number(1), "template": property.New(with(worker, props{"rentalHours": property.New(1.5)}))}, "template.rentalHours"},
		{props{"count": number(1), "placement": text("here")}, "placement"},
		{props{"count": number(1), "maxPricePerHour": text("much")}, "maxPricePerHour"},
		{props{"count": number(1), "maxPricePerHour": text("0")}, "maxPricePerHour"},
		{props{"count": number(1), "template": unknown}, "template"},
	} {
		_, err := f.construct("workers", with(props{"template": property.New(worker)}, c.inputs))
		if at := faultyProperty(err); at != c.says {
			t.Errorf("%v is refused at %q: %v", c.inputs, at, err)
		}
	}
	secrets := props{"members": texts("s3cret").WithSecret(true), "template": property.New(with(worker, props{"gpuModel": text("s3cret")})).WithSecret(true)}
	for key, secret := range secrets {
		_, err := f.construct("workers", with(props{"count": number(1), "template": property.New(worker)}, props{key: secret}))
		if wantError(t, err, key+" must not be secret"); faultyProperty(err) != "" || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the engine prints the value of %q: %v", faultyProperty(err), err)
		}
	}
	if len(f.sim.Instances()) != 0 {
		t.Error("machines were rented all the same")
	}
}
