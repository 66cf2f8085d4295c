package provider_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
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
	wantError(t, s.delete(key), r.state.Get("name").AsString(), r.id, "nothing was deleted", "detachOnDelete: true")
	if attempts := s.sim.Requests(simtest.Operation("deleteSshKey")); len(attempts) != 0 {
		t.Errorf("%d requests to delete it", len(attempts))
	}
}

func TestSSHKeyIsImportedByIDFingerprintAndName(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	program := props{"publicKey": text(ed25519Key), "name": text("my laptop")}
	key := s.mustCreate(sshKeyType, "laptop", program)
	s.mustCreate(sshKeyType, "other", props{"publicKey": text(otherKey)})
	for _, id := range []string{key.id, key.state.Get("fingerprint").AsString(), "my laptop"} {
		imported, err := s.importing(sshKeyType, "laptop", id)
		if err != nil || imported.id != key.id {
			t.Fatalf("%s: imported %+v, %v", id, imported, err)
		}
		s.noDiff(imported, program)
		if err := s.refresh(imported); err != nil {
			t.Fatal(err)
		}
		s.noDiff(imported, program)
	}
	_, err := s.importing(sshKeyType, "laptop", "no such key")
	wantError(t, err, `import SSH key "no such key"`, "2 SSH keys", "getSshKeys")
}

func TestSSHKeyThatTheAccountHasIsAdoptedAndLeftThere(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	theirs := s.mustCreate(sshKeyType, "theirs", props{"publicKey": text(ed25519Key), "name": text("shared")})
	adopting := props{"publicKey": text(ed25519Key), "adoptExisting": flag(true)}
	r := s.mustCreate(sshKeyType, "ours", adopting)
	if r.id != theirs.id || !r.state.Get("adopted").AsBool() {
		t.Fatalf("not adopted: %+v", r)
	}
	wantText(t, r.state, "name", "shared") // as no name is given
	s.noDiff(r, adopting)
	// What is only recorded renames nothing.
	if err := s.update(r, with(adopting, props{"detachOnDelete": flag(true)})); err != nil {
		t.Fatal(err)
	}
	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	wantText(t, r.state, "name", "shared")
	s.noDiff(r, with(adopting, props{"detachOnDelete": flag(true)}))
	if !r.state.Get("adopted").AsBool() {
		t.Error("a refresh makes the key this program's own")
	}
	// Nothing is said any more of how it came to be here; it is theirs all the same.
	if err := s.update(r, props{"publicKey": text(ed25519Key)}); err != nil {
		t.Fatal(err)
	}
	if err := s.delete(r); err != nil {
		t.Fatal(err)
	}
	if err := s.refresh(theirs); err != nil || theirs.id == "" {
		t.Errorf("a key that was only adopted is gone: %v", err)
	}

	named := s.mustCreate(sshKeyType, "named", with(adopting, props{"name": text("mine now")}))
	wantText(t, named.state, "name", "mine now")
	if err := s.refresh(theirs); err != nil {
		t.Fatal(err)
	}
	wantText(t, theirs.state, "name", "mine now")
}

func TestSSHKeyThatIsNotThereIsAddedThoughItCouldBeAdopted(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	r := s.mustCreate(sshKeyType, "laptop", props{"publicKey": text(ed25519Key), "adoptExisting": flag(true)})
	if r.state.Get("adopted").AsBool() {
		t.Error("it was not there")
	}
	if err := s.delete(r); err != nil {
		t.Fatal(err)
	}
	s.wantDropped(r)
}

// Between the look and the request somebody else adds the key.
func TestSSHKeyThatIsAddedMeanwhileIsAdopted(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	theirs := s.mustCreate(sshKeyType, "theirs", props{"publicKey": text(ed25519Key)})
	stale := s.sim.Fault(fault.Plan{Operation: "listSshKeys", Effect: fault.Status{
		Code: 200, ContentType: "application/json",
		Body: `{"data":[],"links":{"first":"","last":"","prev":null,"next":null},"meta":{"current_page":1,"last_page":1,"per_page":100,"total":0}}`,
	}})
	r := s.mustCreate(sshKeyType, "ours", props{"publicKey": text(ed25519Key), "adoptExisting": flag(true)})
	fired(t, stale)
	if r.id != theirs.id || !r.state.Get("adopted").AsBool() {
		t.Errorf("not adopted: %+v", r)
	}
}

func TestSSHKeyUnderATakenNameSaysWhoseItIs(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	other := s.mustCreate(sshKeyType, "other", props{"publicKey": text(otherKey), "name": text("laptop")})
	_, err := s.create(sshKeyType, "laptop", props{"publicKey": text(ed25519Key), "name": text("laptop")})
	wantError(t, err, other.id, other.state.Get("fingerprint").AsString(), "another name")
}

func TestSSHKeyInUseIsDetachedWhenToldAndThenDeleted(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	key := s.mustCreate(sshKeyType, "laptop", props{"publicKey": text(ed25519Key), "detachOnDelete": flag(true)})
	rest := s.mustCreate(sshKeyType, "other", props{"publicKey": text(otherKey)})
	both := s.mustCreate(instanceType, "both", with(trainer, props{"sshKeyIds": texts(key.id, rest.id)}))
	s.mustCreate(instanceType, "one", with(trainer, props{"sshKeyIds": texts(key.id)}))
	s.mustCreate(instanceType, "none", trainer)
	// An answer is lost on the way, and one list is stale.
	lost := s.sim.Fault(fault.Plan{Operation: "setInstanceSshKeys", Phase: fault.After, Effect: fault.Reset{}})
	stale := s.sim.Fault(fault.Plan{Operation: "listInstances", Effect: fault.Status{
		Code: 200, ContentType: "application/json",
		Body: `{"data":[],"links":{"first":"","last":"","prev":null,"next":null},"meta":{"current_page":1,"last_page":1,"per_page":100,"total":0}}`,
	}})
	if err := s.delete(key); err != nil {
		t.Fatal(err)
	}
	fired(t, lost)
	fired(t, stale)
	for _, inst := range s.sim.Instances() {
		want := 0
		if inst.ID == both.id {
			want = 1
		}
		if len(inst.SSHKeyIDs) != want || want == 1 && inst.SSHKeyIDs[0] != rest.id {
			t.Errorf("%s lets in %v", inst.Name, inst.SSHKeyIDs)
		}
	}
	s.wantDropped(key)
}

func TestSSHKeyThatCannotBeDetachedSaysHowFarItCame(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	key := s.mustCreate(sshKeyType, "laptop", props{"publicKey": text(ed25519Key), "detachOnDelete": flag(true)})
	r := s.mustCreate(instanceType, "trainer", with(trainer, props{"sshKeyIds": texts(key.id)}))
	s.sim.Fault(fault.Plan{Operation: "setInstanceSshKeys", Effect: fault.Status{Code: 403, ContentType: "application/json", Body: `{"message":"Not yours.","code":"forbidden"}`}})
	wantError(t, s.delete(key), "was not deleted", r.id, "0 of the 1", "Not yours")
	if err := s.refresh(key); err != nil || key.id == "" {
		t.Errorf("it is gone: %v", err)
	}
}

// Fingerprints are told in several forms; the key itself is what counts.
func TestAKeyIsTheSameHoweverItsFingerprintIsTold(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	theirs := s.mustCreate(sshKeyType, "theirs", props{"publicKey": text(ed25519Key)})
	md5 := s.sim.Fault(fault.Plan{Operation: "listSshKeys", Times: -1, Effect: fault.Status{
		Code: 200, ContentType: "application/json",
		Body: `[{"id":"` + theirs.id + `","name":"theirs","fingerprint":"2b:f7:fb:2e:a5:22:e0:94:bd:fc:a3:80:5d:3f:4c:39","public_key":"` + ed25519Key + ` me@laptop","created_at":"2026-01-01T00:00:00Z"}]`,
	}})
	r := s.mustCreate(sshKeyType, "ours", props{"publicKey": text(ed25519Key), "adoptExisting": flag(true)})
	fired(t, md5)
	if r.id != theirs.id {
		t.Errorf("the state has %s, not %s", r.id, theirs.id)
	}
	wantText(t, r.state, "fingerprint", theirs.state.Get("fingerprint").AsString())
}
