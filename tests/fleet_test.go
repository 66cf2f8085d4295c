package tests

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// fleet is a program with a fleet; properties are those that differ.
func fleet(properties string) string {
	return `
resources:
  laptop:
    type: pictor:SshKey
    properties: {publicKey: "` + publicKey + `"}
  workers:
    type: pictor:Fleet
    properties:
` + properties + `
      template:
        gpuModel: RTX 3090
        rentalHours: 1
        sshKeyIds: ["${laptop.id}"]
outputs:
  names: ${workers.names}
  addresses: ${workers.addresses}
  logins: ${workers.loginCommands}
  price: ${workers.hourlyPrice}
  machines: ${workers.instances}
`
}

// members are the machines of a fleet, by what its members are called.
func members(t *testing.T, p *project) map[string]engine.Instance {
	t.Helper()
	all := map[string]engine.Instance{}
	for _, inst := range p.sim.Instances() {
		_, member, _ := strings.Cut(inst.Name, ".")
		member = member[:strings.LastIndex(member, "-")]
		if _, twice := all[member]; twice {
			t.Errorf("%s is there twice", member)
		}
		all[member] = inst
	}
	return all
}

// wantMembers fails unless the fleet has exactly these members, and those that
// it had are the same machines.
func wantMembers(t *testing.T, p *project, had map[string]engine.Instance, want ...string) map[string]engine.Instance {
	t.Helper()
	now := members(t, p)
	if names := slices.Sorted(maps.Keys(now)); !slices.Equal(names, want) {
		t.Fatalf("the fleet has %v, not %v", names, want)
	}
	for name, inst := range now {
		if before, there := had[name]; there && before.ID != inst.ID {
			t.Errorf("%s was replaced", name)
		}
	}
	return now
}

func hosts(machines map[string]engine.Instance) int {
	different := map[string]bool{}
	for _, m := range machines {
		different[m.Host.ID] = true
	}
	return len(different)
}

func TestAFleetThroughTheRealEngine(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	counted := func(n int) string { return fleet(fmt.Sprintf("      count: %d\n      placement: spreadHosts\n", n)) }
	p.program(counted(3))
	p.pulumi("stack", "init", "e2e")
	preview := p.pulumi("preview")
	if n := strings.Count(preview, "1 x RTX 3090 on "); n != 3 || len(p.sim.Instances()) != 0 {
		t.Fatalf("the preview says %d prices, not 3, and %d machines are rented:\n%s", n, len(p.sim.Instances()), preview)
	}
	p.pulumi("up", "--yes", "--skip-preview")
	had := wantMembers(t, p, nil, "0", "1", "2")
	p.pulumi("preview", "--expect-no-changes")

	p.program(counted(5))
	p.pulumi("up", "--yes", "--skip-preview")
	had = wantMembers(t, p, had, "0", "1", "2", "3", "4")
	if n := hosts(had); n != 5 {
		t.Errorf("5 machines are on %d hosts", n)
	}
	p.pulumi("preview", "--expect-no-changes")
	p.pulumi("refresh", "--yes", "--expect-no-changes")
	p.pulumi("preview", "--expect-no-changes")
	shows(t, p, had, "0", "1", "2", "3", "4")

	p.program(counted(2))
	p.pulumi("up", "--yes", "--skip-preview")
	had = wantMembers(t, p, had, "0", "1")
	shows(t, p, had, "0", "1")

	p.pulumi("destroy", "--yes", "--skip-preview")
	wantMembers(t, p, nil)
}

// shows fails unless the outputs are those of these machines, in this order.
func shows(t *testing.T, p *project, machines map[string]engine.Instance, order ...string) {
	t.Helper()
	var out struct {
		Names, Addresses, Logins []string
		Price                    string
		Machines                 map[string]struct{ InstanceID, Status string }
	}
	if err := json.Unmarshal([]byte(p.pulumi("stack", "output", "--json")), &out); err != nil {
		t.Fatal(err)
	}
	if len(out.Names) != len(order) || len(out.Machines) != len(order) {
		t.Fatalf("the outputs are %+v", out)
	}
	var total engine.Credits
	for i, name := range order {
		m := machines[name]
		total += m.PricePerHour
		if out.Names[i] != m.Name || out.Addresses[i] != m.Address || out.Logins[i] != "ssh root@"+m.Address ||
			out.Machines[name].InstanceID != m.ID || out.Machines[name].Status != string(m.Status) {
			t.Errorf("%s is %+v, and the outputs are %+v", name, m, out)
		}
	}
	if price, err := pictor.ParseCredits(out.Price); err != nil || int64(price) != int64(total) {
		t.Errorf("the fleet costs %d micro-credits an hour, not %s (%v)", total, out.Price, err)
	}
}

func TestNamedMembersOfAFleetComeAndGoAlone(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.program(fleet("      members: [driver, worker-a, worker-b]\n"))
	p.pulumi("stack", "init", "e2e")
	p.pulumi("up", "--yes", "--skip-preview")
	had := wantMembers(t, p, nil, "driver", "worker-a", "worker-b")

	p.program(fleet("      members: [worker-b, driver]\n"))
	p.pulumi("up", "--yes", "--skip-preview")
	had = wantMembers(t, p, had, "driver", "worker-b")
	shows(t, p, had, "worker-b", "driver")

	p.program(fleet("      members: [driver, worker-b, worker-c]\n"))
	p.pulumi("up", "--yes", "--skip-preview")
	had = wantMembers(t, p, had, "driver", "worker-b", "worker-c")
	p.pulumi("preview", "--expect-no-changes")

	// There is no room for a fourth, but worker-c goes.
	p.program(fleet("      members: [driver, worker-b, worker-d]\n      maxPricePerHour: \"0.6\"\n"))
	p.pulumi("up", "--yes")
	wantMembers(t, p, had, "driver", "worker-b", "worker-d")
}

func TestAFleetsOptionsHoldForItsMachines(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.program(`
resources:
  first:
    type: pictor:Instance
    properties: {gpuModel: RTX 3090, rentalHours: 1}
  other:
    type: pulumi:providers:pictor
    properties: {requestsPerMinute: 6000}
  desks:
    type: pictor:Fleet
    options: {provider: "${other}", protect: true, dependsOn: ["${first}"], customTimeouts: {create: 7m}}
    properties:
      count: 1
      template: {gpuModel: RTX 3090, rentalHours: 1, os: windows, windowsPassword: {fn::secret: Correct-Horse-42}}
`)
	p.pulumi("stack", "init", "e2e")
	p.pulumi("up", "--yes", "--skip-preview")
	export := p.pulumi("stack", "export")
	if strings.Contains(export, "Correct-Horse-42") {
		t.Error("the password of the template stands in the state")
	}
	var stack struct {
		Deployment struct {
			Resources []struct {
				URN, Provider, Parent string
				Protect               bool
				Dependencies          []string
				CustomTimeouts        struct{ Create float64 }
			}
		}
	}
	if err := json.Unmarshal([]byte(export), &stack); err != nil {
		t.Fatal(err)
	}
	for _, r := range stack.Deployment.Resources {
		if !strings.HasSuffix(r.URN, "::desks-0") {
			continue
		}
		if !strings.HasSuffix(r.Parent, "::desks") || !strings.Contains(r.Provider, "::other::") || !r.Protect ||
			len(r.Dependencies) != 1 || r.CustomTimeouts.Create != 420 {
			t.Errorf("the options did not reach the machine: %+v", r)
		}
		return
	}
	t.Error("the machine is not in the state")
}

func TestTheBudgetOfAFleetRefusesAtPreviewAndBeforeAnythingIsRented(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	budgeted := func(n int, limit string) string {
		return fleet(fmt.Sprintf("      count: %d\n      maxPricePerHour: %q\n", n, limit))
	}
	p.program(budgeted(6, "0.7"))
	p.pulumi("stack", "init", "e2e")
	out, err := p.try("preview")
	if err == nil || !strings.Contains(out, "maxPricePerHour 0.7 of the group workers-") {
		t.Fatalf("the preview of a fleet that is too dear: %v\n%s", err, out)
	}
	if rented := p.sim.Instances(); len(rented) != 0 {
		t.Fatalf("rented: %+v", rented)
	}
	if out, err = p.try("up", "--yes", "--skip-preview"); err == nil || !strings.Contains(out, "maxPricePerHour 0.7 of the group workers-") {
		t.Fatalf("a fleet that is too dear: %v\n%s", err, out)
	}
	var total engine.Credits
	for _, inst := range p.sim.Instances() {
		total += inst.PricePerHour
	}
	if total > 700_000 {
		t.Errorf("machines for %d micro-credits an hour are rented", total)
	}

	p.program(budgeted(2, "0.7"))
	p.pulumi("up", "--yes", "--skip-preview")
	wantMembers(t, p, nil, "0", "1")
	p.program(budgeted(2, "0.2"))
	if out, err = p.try("preview"); err == nil || !strings.Contains(out, "the 2 machines of the fleet workers cost") {
		t.Errorf("a budget below what is rented: %v\n%s", err, out)
	}
	p.program(budgeted(1, "0.2"))
	p.pulumi("up", "--yes")
	wantMembers(t, p, nil, "0")
}
