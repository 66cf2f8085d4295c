package provider_test

import (
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
)

func TestAPreviewRefusesSSHKeysThatTheAccountDoesNotHave(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	key := s.mustCreate(sshKeyType, "laptop", props{"publicKey": text(ed25519Key)})
	asks := func(ids ...string) props { return with(trainer, props{"sshKeyIds": texts(ids...)}) }

	run := s.again()
	_, err := run.previewCreate(instanceType, "trainer", asks(key.id, "nope"))
	wantError(t, err, `the account has no SSH key with the id "nope"`, "getSshKeys")
	_, err = run.previewCreate(instanceType, "trainer", asks(key.state.Get("name").AsString()))
	wantError(t, err, "has the id "+key.id)
	for _, fine := range []props{asks(key.id), trainer, with(trainer, props{"sshKeyIds": unknown})} {
		if _, err := run.previewCreate(instanceType, "trainer", fine); err != nil {
			t.Error(err)
		}
	}
	lists := 0
	for _, asked := range run.sent.take() {
		if asked == "GET /ssh-keys" {
			lists++
		}
	}
	if lists != 1 {
		t.Errorf("the keys were listed %d times", lists)
	}

	r := s.mustCreate(instanceType, "trainer", trainer)
	_, checked, err := s.diff(r, asks("nope"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.server.Update(p.UpdateRequest{ID: r.id, Urn: r.urn, State: r.state, OldInputs: r.inputs, Inputs: checked, DryRun: true})
	wantError(t, err, `no SSH key with the id "nope"`)

	// What cannot be seen is left to the service.
	blind := s.again()
	fails := s.sim.Fault(fault.Plan{Operation: "listSshKeys", Times: -1, Effect: fault.Status{Code: 403}})
	if _, err := blind.previewCreate(instanceType, "other", asks("nope")); err != nil {
		t.Error(err)
	}
	fired(t, fails)
}

func TestAPreviewWarnsOfAPublicKeyThatTheAccountHas(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	mine := props{"publicKey": text(ed25519Key)}
	preview := func(change props) {
		t.Helper()
		if _, err := s.previewCreate(sshKeyType, "laptop", with(mine, change)); err != nil {
			t.Fatal(err)
		}
	}
	preview(nil)
	s.wantUnsaid(t, "warn")
	key := s.mustCreate(sshKeyType, "other", mine)
	s = s.again()
	preview(nil)
	s.wantSaid(t, "the account already has this public key", "adoptExisting: true", "pulumi import pictor:index:SshKey laptop "+key.id)
	preview(props{"adoptExisting": flag(true)})
	preview(props{"publicKey": property.New(property.Computed)})
	s.wantUnsaid(t, "warn")
}
