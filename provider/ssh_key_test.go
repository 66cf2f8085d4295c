package provider_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
)

const (
	otherKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHUCbkAOSgx5b8OSgrKk1XFbNYKNZBHNQCFYDWgJJOPc"
)

func TestSSHKeyLivesFromPreviewToDelete(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	inputs := props{"publicKey": text("  " + ed25519Key + "   me@laptop \n")}
	preview, err := s.previewCreate(sshKeyType, "laptop", inputs)
	if err != nil {
		t.Fatal(err)
	}
	r := s.mustCreate(sshKeyType, "laptop", inputs)
	wantText(t, r.state, "publicKey", ed25519Key)
	if got := r.state.Get("fingerprint"); !got.Equals(preview.Get("fingerprint")) || len(got.AsString()) < 20 {
		t.Errorf("the fingerprint was %v at preview and is %v", preview.Get("fingerprint"), got)
	}
	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	s.noDiff(r, props{"publicKey": text(ed25519Key + " another@comment")})

	renamed := props{"publicKey": text(ed25519Key), "name": text("desktop")}
	if err := s.update(r, renamed); err != nil {
		t.Fatal(err)
	}
	wantText(t, r.state, "name", "desktop")
	d, _, err := s.diff(r, props{"publicKey": text(otherKey), "name": text("desktop")})
	if err != nil || d.DetailedDiff["publicKey"].Kind != "update&replace" || !d.DeleteBeforeReplace {
		t.Errorf("another key under the same name: %+v, %v", d, err)
	}

	imported, err := s.importing(sshKeyType, "laptop", r.id)
	if err != nil {
		t.Fatal(err)
	}
	s.noDiff(imported, renamed)

	if err := s.delete(r); err != nil {
		t.Fatal(err)
	}
	s.wantDeleted(r)
	s.wantDropped(r)
}

func TestSSHKeyThatTheAccountHasIsNamed(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	first := s.mustCreate(sshKeyType, "laptop", props{"publicKey": text(ed25519Key)})
	r, err := s.create(sshKeyType, "again", props{"publicKey": text(ed25519Key)})
	wantError(t, err, first.id, "pulumi import")
	if r != nil {
		t.Errorf("kept %+v", r)
	}
}

func TestSSHKeyWhoseAnswerIsLostIsFoundByItsFingerprint(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	lost := s.sim.Fault(fault.Plan{Operation: "createSshKey", Phase: fault.After, Effect: fault.Reset{}})
	r := s.mustCreate(sshKeyType, "laptop", props{"publicKey": text(ed25519Key)})
	fired(t, lost)
	if err := s.refresh(r); err != nil || r.id == "" {
		t.Errorf("the key is not there: %v", err)
	}
}

func TestSSHKeyInUseIsNotDeleted(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	key := s.mustCreate(sshKeyType, "laptop", props{"publicKey": text(ed25519Key)})
	r := s.mustCreate(instanceType, "trainer", with(trainer, props{"sshKeyIds": property.New(property.NewArray([]property.Value{text(key.id)}))}))
	wantError(t, s.delete(key), r.state.Get("name").AsString())
}
