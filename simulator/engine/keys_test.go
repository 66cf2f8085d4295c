package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

const (
	keyA = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
	keyB = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2jd+rMlIDi+n6cw2bPkMdZwk4XyTkkjxbUzaWFkAq/"
)

func TestSSHKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, err := w.AddSSHKey("laptop", "  "+keyA+" me@laptop\n")
	if err != nil {
		t.Fatal(err)
	}
	if a.PublicKey != keyA || !strings.HasPrefix(a.Fingerprint, "SHA256:") {
		t.Errorf("the key is %+v, want it without its comment", a)
	}
	for name, tc := range map[string]struct{ name, key, field string }{
		"the same key":    {"other", keyA + " comment", "public_key"},
		"the same name":   {"laptop", keyB, "name"},
		"no name":         {"", keyB, "name"},
		"no key":          {"other", "not a key", "public_key"},
		"two keys":        {"other", keyB + "\n" + keyA, "public_key"},
		"more than a key": {"other", "junk\n" + keyB, "public_key"},
		"a name too long": {strings.Repeat("x", 64), keyB, "name"},
	} {
		_, err := w.AddSSHKey(tc.name, tc.key)
		if e := refused(t, err, engine.CodeValidation); len(e.Fields) != 1 || e.Fields[tc.field] == nil {
			t.Errorf("%s: the refusal names %v, want %s", name, e.Fields, tc.field)
		}
	}
	err = w.CheckSSHKey("laptop", "not a key")
	if e := refused(t, err, engine.CodeValidation); len(e.Fields) != 2 {
		t.Errorf("the refusal names %v, want both fields", e.Fields)
	}

	b, err := w.AddSSHKey(strings.Repeat("ü", 63), keyB) // 63 characters, if more bytes
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.RenameSSHKey(b.ID, "laptop"); err == nil {
		t.Error("two keys have one name")
	}
	if b, err = w.RenameSSHKey(b.ID, "desktop"); err != nil || b.Name != "desktop" {
		t.Errorf("renamed it is %s (%v)", b.Name, err)
	}
	if got := w.SSHKeys(); len(got) != 2 || got[0].ID != a.ID || got[1].Name != "desktop" {
		t.Errorf("the keys are %+v, want them oldest first", got)
	}
}

func TestAnSSHKeyInUseStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key, _ := w.AddSSHKey("laptop", keyA)
	inst := w.running("trainer", func(r *engine.RentRequest) { r.SSHKeyIDs = []string{key.ID} })
	e := refused(t, w.DeleteSSHKey(key.ID), engine.CodeWrongState)
	if !strings.Contains(e.Message, "trainer") {
		t.Errorf("%q does not say who uses it", e.Message)
	}
	w.do(w.SetSSHKeys(inst.ID, nil))
	if err := w.DeleteSSHKey(key.ID); err != nil {
		t.Error(err)
	}
	refused(t, w.DeleteSSHKey(key.ID), engine.CodeNotFound)
	again, err := w.AddSSHKey("laptop", keyA)
	if err != nil || again.ID == key.ID {
		t.Errorf("added again it has the id %s as before (%v)", again.ID, err)
	}
}

func TestKeysOfAnInstance(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _ := w.AddSSHKey("a", keyA)
	b, _ := w.AddSSHKey("b", keyB)
	mine := []string{a.ID}
	inst := w.rent("linux", func(r *engine.RentRequest) { r.SSHKeyIDs = mine })
	mine[0] = "changed by the caller"
	if got := w.is(inst.ID, engine.StatusPending).SSHKeyIDs; !slices.Equal(got, []string{a.ID}) {
		t.Errorf("it lets in %v", got)
	}
	inst = w.do(w.SetSSHKeys(inst.ID, []string{b.ID}))
	if !slices.Equal(inst.SSHKeyIDs, []string{b.ID}) {
		t.Errorf("it lets in %v, want the new set only", inst.SSHKeyIDs)
	}
	_, err := w.SetSSHKeys(inst.ID, []string{"key_nobody"})
	refused(t, err, engine.CodeValidation)

	rdp := w.rent("rdp", windows("Correct-Horse-42", big))
	_, err = w.SetSSHKeys(rdp.ID, []string{a.ID})
	refused(t, err, engine.CodeValidation)
}

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, tc := range map[string]struct{ name, secret, field string }{
		"no name":               {"", "long-enough", "name"},
		"a name too long":       {strings.Repeat("x", 64), "long-enough", "name"},
		"a short secret":        {"ci", "short", "secret"},
		"a secret with a space": {"ci", "not for a header", "secret"},
		"a secret with a line":  {"ci", "header\r\nsplit", "secret"},
	} {
		_, err := w.AddAPIKey(tc.name, tc.secret)
		if e := refused(t, err, engine.CodeValidation); e.Fields[tc.field] == nil {
			t.Errorf("%s: the refusal names %v, want %s", name, e.Fields, tc.field)
		}
	}
	key, err := w.AddAPIKey("ci", "secret-of-ci")
	if err != nil || key.Hint != "f-ci" || key.Hash != engine.HashSecret("secret-of-ci") {
		t.Fatalf("the key is %+v (%v)", key, err)
	}
	if !w.Authorized("secret-of-ci") || w.Authorized("secret-of-cj") || w.Authorized("") {
		t.Error("the wrong secrets are let in")
	}

	w.pass(time.Hour)
	key, err = w.RevokeAPIKey(key.ID)
	if err != nil || !key.RevokedAt.Equal(epoch.Add(time.Hour)) || w.Authorized("secret-of-ci") {
		t.Errorf("revoked at %s (%v) it is let in: %v", key.RevokedAt, err, w.Authorized("secret-of-ci"))
	}
	w.pass(time.Hour)
	if key, _ = w.RevokeAPIKey(key.ID); !key.RevokedAt.Equal(epoch.Add(time.Hour)) {
		t.Errorf("revoked again it was revoked at %s, want the first time", key.RevokedAt)
	}
	_, err = w.RevokeAPIKey("api_99")
	refused(t, err, engine.CodeNotFound)
}
