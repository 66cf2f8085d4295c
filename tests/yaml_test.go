package tests

import (
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"

// machine is a program that rents one machine; more are further properties of it.
func machine(more string) string {
	return `
resources:
  laptop:
    type: pictor:SshKey
    properties: {publicKey: "` + publicKey + `"}
  trainer:
    type: pictor:Instance
    properties:
      gpuModel: RTX 4090
      rentalHours: 24
      sshKeyIds: ["${laptop.id}"]
` + more + `
outputs:
  id: ${trainer.id}
  status: ${trainer.status}
  prepaid: ${trainer.prepaidTotal}
  login: ${trainer.connection.command}
`
}

func TestAMachineThroughTheRealEngine(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.program(machine(""))
	p.pulumi("stack", "init", "e2e")

	preview := p.pulumi("preview")
	if !strings.Contains(preview, "1 x RTX 4090 on ") || !strings.Contains(preview, "credits in advance") {
		t.Errorf("the preview does not say the price:\n%s", preview)
	}
	if len(p.sim.Instances()) != 0 {
		t.Fatal("the preview rented a machine")
	}
	p.pulumi("up", "--yes", "--skip-preview")
	inst := only(t, p.sim)
	if p.output("id") != inst.ID || p.output("status") != "running" || p.output("login") != "ssh root@"+inst.Address {
		t.Errorf("the outputs do not fit %+v", inst)
	}
	if !strings.Contains(preview, p.output("prepaid")+" credits in advance") {
		t.Errorf("the preview said another price than %s:\n%s", p.output("prepaid"), preview)
	}
	p.pulumi("preview", "--expect-no-changes")
	p.pulumi("refresh", "--yes", "--expect-no-changes")
	p.pulumi("preview", "--expect-no-changes")

	p.program(machine("      autoRenew: true\n      extensionHours: 2\n      desiredStatus: stopped\n"))
	p.pulumi("up", "--yes", "--skip-preview")
	if now := only(t, p.sim); now.ID != inst.ID || !now.AutoRenew || now.ExtendedHours != 2 || now.Status != engine.StatusStopped {
		t.Errorf("not changed in place: %+v", now)
	}
	p.pulumi("preview", "--expect-no-changes")

	p.program(machine("      gpuCount: 1\n      storageGb: 80\n"))
	p.pulumi("up", "--yes", "--skip-preview")
	if now := only(t, p.sim); now.ID == inst.ID || now.StorageGB != 80 {
		t.Errorf("not replaced: %+v", now)
	}
	p.pulumi("destroy", "--yes", "--skip-preview")
	if left := p.sim.Instances(); len(left) != 0 {
		t.Errorf("still rented: %+v", left)
	}
}

func TestAPreviewWarnsWhenTheBalanceWillNotDo(t *testing.T) {
	t.Parallel()
	p := newProject(t, simtest.Credits(10))
	const one = "resources:\n  a: {type: pictor:Instance, properties: {gpuModel: RTX 4090, rentalHours: 20}}\n"
	p.program(one + "  b: {type: pictor:Instance, properties: {gpuModel: RTX 4090, rentalHours: 20}}\n")
	p.pulumi("stack", "init", "e2e")
	if out := p.pulumi("preview"); strings.Count(out, "and the balance is 10: top up") == 0 {
		t.Errorf("either machine is affordable and both are not, and the preview does not say so:\n%s", out)
	}
	p.program(strings.Replace(one, "rentalHours: 20", "rentalHours: 1, extensionHours: 50", 1))
	if out := p.pulumi("preview"); !strings.Contains(out, "top up") {
		t.Errorf("the preview does not count the hours of extension:\n%s", out)
	}
	p.program(one)
	if out := p.pulumi("preview"); strings.Contains(out, "top up") {
		t.Errorf("the preview warns of a rental that the balance carries:\n%s", out)
	}
}

func TestImportThroughTheRealEngine(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.program(machine("      name: mine\n"))
	p.pulumi("stack", "init", "e2e")
	p.pulumi("up", "--yes", "--skip-preview")
	key, id := p.resourceID("SshKey"), p.output("id")

	other := &project{t: t, dir: t.TempDir(), sim: p.sim, env: p.env}
	other.program("resources: {}\n")
	other.pulumi("stack", "init", "imported")
	if out, err := other.try("import", "pictor:index:Instance", "nothing", "no-such-thing", "--yes", "--generate-code=false"); err == nil || !strings.Contains(out, "the account has none with this id") {
		t.Errorf("import of nothing: %v\n%s", err, out)
	}
	other.pulumi("import", "pictor:index:SshKey", "laptop", key, "--yes", "--protect=false", "--generate-code=false")
	other.pulumi("import", "pictor:index:Instance", "trainer", "mine", "--yes", "--protect=false", "--generate-code=false")
	other.program(machine("      name: mine\n"))
	other.pulumi("preview", "--expect-no-changes")
	if other.resourceID("Instance") != id {
		t.Errorf("imported %s, not %s", other.resourceID("Instance"), id)
	}
}

func TestAFailedMachineStaysInTheStateAndTheNextUpReplacesIt(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.program(machine("      name: doomed" + engine.FailProvisioningLabel + "\n"))
	p.pulumi("stack", "init", "e2e")
	out, err := p.try("up", "--yes", "--skip-preview")
	if err == nil || !strings.Contains(out, "provisioning failed") {
		t.Fatalf("the failure does not show (%v):\n%s", err, out)
	}
	failed := only(t, p.sim)
	if p.resourceID("Instance") != failed.ID {
		t.Error("the failed machine is not in the state")
	}
	p.program(machine("      name: lucky\n"))
	p.pulumi("up", "--yes", "--skip-preview")
	if inst := only(t, p.sim); inst.ID == failed.ID || inst.Status != engine.StatusRunning {
		t.Errorf("not replaced: %+v", inst)
	}
}

func TestAMissingKeyIsOneClearSentence(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.env = append(p.env, "PICTOR_API_KEY=")
	p.program(machine(""))
	p.pulumi("stack", "init", "e2e")
	out, err := p.try("preview")
	if err == nil || !strings.Contains(out, "PICTOR_API_KEY") || !strings.Contains(out, "app.pictor.network/account/keys") {
		t.Errorf("%v:\n%s", err, out)
	}
}

// only is the one machine that the sandbox rents.
func only(t *testing.T, sim *simtest.Sim) engine.Instance {
	t.Helper()
	all := sim.Instances()
	if len(all) != 1 {
		t.Fatalf("the account rents %d machines, not 1: %+v", len(all), all)
	}
	return all[0]
}
