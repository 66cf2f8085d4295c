package audit_test

import (
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider/audit"
	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

const export = `{"version": 3, "deployment": {
	"manifest": {},
	"resources": [
		{"urn": "urn:pulumi:s::p::pulumi:pulumi:Stack::s", "type": "pulumi:pulumi:Stack"},
		{"urn": "urn:pulumi:s::p::pictor:index:Instance::a", "custom": true, "id": "ins_a", "type": "pictor:index:Instance",
			"outputs": {"name": "a-0000001", "accountId": "acc_1", "windowsPassword": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}}},
		{"urn": "urn:pulumi:s::p::pictor:index:Instance::b", "custom": true, "id": "ins_old", "type": "pictor:index:Instance", "delete": true, "outputs": {"name": "b-0000001", "accountId": "acc_1"}},
		{"urn": "urn:pulumi:s::p::pictor:index:Instance::b", "custom": true, "id": "name:b-0000002", "type": "pictor:index:Instance", "outputs": {"name": "b-0000002", "accountId": "acc_1", "instanceId": ""}},
		{"urn": "urn:pulumi:s::p::pictor:index:Instance::c", "custom": true, "id": "ins_c", "type": "pictor:index:Instance", "outputs": {"name": "c-0000001", "accountId": "acc_1"}},
		{"urn": "urn:pulumi:s::p::pictor:index:Instance::d", "custom": true, "id": "ins_d", "type": "pictor:index:Instance", "outputs": {"name": "d", "accountId": "acc_2"}}
	],
	"pending_operations": [
		{"type": "creating", "resource": {"urn": "urn:pulumi:s::p::pictor:index:Instance::e", "custom": true, "type": "pictor:index:Instance", "inputs": {"name": "e-0000001"}}},
		{"type": "creating", "resource": {"urn": "urn:pulumi:s::p::pictor:index:Instance::a", "custom": true, "type": "pictor:index:Instance", "inputs": {"name": "a-0000002"}}},
		{"type": "creating", "resource": {"urn": "urn:pulumi:s::p::pictor:index:Instance::f", "custom": true, "type": "pictor:index:Instance", "inputs": {"name": "f-0000001"}}}
	]}}`

func TestCompare(t *testing.T) {
	t.Parallel()
	stack, err := audit.Read(strings.NewReader(export))
	if err != nil {
		t.Fatal(err)
	}
	var rented []pictor.Instance
	for id, name := range map[pictor.ID]string{
		"ins_a": "a-0000001", "ins_old": "b-0000001", "ins_new": "b-0000002", "ins_e": "e-0000001", "ins_a2": "a-0000002", "ins_x": "x-0000001",
	} {
		rented = append(rented, pictor.Instance{Id: id, Name: name, Status: pictor.StatusRunning})
	}
	var out strings.Builder
	report := audit.Compare("acc_1", rented, stack)
	if err := report.Print(&out, "audit --delete"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"UNCLAIMED e-0000001 (ins_e)", "pulumi import pictor:index:Instance 'e' ins_e",
		"UNCLAIMED a-0000002 (ins_a2)", "pulumi import pictor:index:Instance 'a-0000002' ins_a2", "has another machine by now",
		"UNCLAIMED x-0000001 (ins_x)", "pulumi import pictor:index:Instance 'x' ins_x", "audit --delete ins_x",
		`was about to rent "f-0000001"; not rented so far`,
		"MISSING urn:pulumi:s::p::pictor:index:Instance::c", "NOT LOOKED AT urn:pulumi:s::p::pictor:index:Instance::d",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report does not say %q:\n%s", want, out.String())
		}
	}
	if len(report.Unclaimed) != 3 || len(report.Open) != 1 || len(report.Missing) != 1 || len(report.Foreign) != 1 {
		t.Errorf("the report is\n%s", out.String())
	}
}

func TestWhatIsNoExportIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "Error: no stack selected", `{"version": 1, "deployment": {}}`, `{"version": 3, "deployment": []}`} {
		if _, err := audit.Read(strings.NewReader(text)); err == nil {
			t.Errorf("%q is taken for a stack export", text)
		}
	}
}

// A claim that goes by the name alone takes one machine of its own account out of
// the report, and no other.
func TestANameHidesNoMachineThatIsNotMeant(t *testing.T) {
	t.Parallel()
	claim := func(id, name, account string) audit.Stack {
		return audit.Stack{Claims: []audit.Claim{{URN: "urn:pulumi:s::p::pictor:index:Instance::r", ID: id, Name: name, Account: account}}}
	}
	one := pictor.Instance{Id: "ins_1", Name: "shared"}
	for name, c := range map[string]struct {
		stack     audit.Stack
		instances []pictor.Instance
		unclaimed int
	}{
		"of this account":    {claim("", "shared", "acc_1"), []pictor.Instance{one}, 0},
		"of another account": {claim("", "shared", "acc_2"), []pictor.Instance{one}, 1},
		"two of the name":    {claim("", "shared", "acc_1"), []pictor.Instance{one, {Id: "ins_2", Name: "shared"}}, 2},
	} {
		if r := audit.Compare("acc_1", c.instances, c.stack); len(r.Unclaimed) != c.unclaimed {
			t.Errorf("%s: %d are unclaimed, not %d", name, len(r.Unclaimed), c.unclaimed)
		}
	}
}

// What a program only looks at, with Instance.get, it does not have.
func TestWhatIsOnlyReadIsNotClaimed(t *testing.T) {
	t.Parallel()
	stack, err := audit.Read(strings.NewReader(`{"version": 3, "deployment": {"manifest": {}, "resources": [
		{"urn": "urn:pulumi:s::p::pictor:index:Instance::a", "custom": true, "external": true, "id": "ins_a", "type": "pictor:index:Instance", "outputs": {"name": "a", "accountId": "acc_1"}}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if r := audit.Compare("acc_1", []pictor.Instance{{Id: "ins_a", Name: "a"}}, stack); len(r.Unclaimed) != 1 {
		t.Errorf("unclaimed are %+v", r.Unclaimed)
	}
}
