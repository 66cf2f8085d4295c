package provider_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

func TestAWindowsPasswordIsMadeOnceAndKeptSecret(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	desk := props{"os": text("windows"), "gpuModel": text("RTX 3090"), "rentalHours": number(1)}
	r := s.mustCreate(instanceType, "desk", desk)
	password := r.state.Get("windowsPassword")
	if !password.IsString() || !password.Secret() || !r.inputs.Get("windowsPassword").Secret() || len(password.AsString()) < 16 {
		t.Fatalf("the password is %v, and the input %v", password, r.inputs.Get("windowsPassword"))
	}
	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	s.noDiff(r, desk)
	if again := s.mustCheck(instanceType, "desk", r.inputs, desk).Get("windowsPassword"); !again.Equals(r.inputs.Get("windowsPassword")) {
		t.Errorf("the next check made another one: %v", again)
	}
	s.noDiff(r, with(desk, props{"windowsPassword": password}))
	if other := s.mustCheck(instanceType, "desk", property.Map{}, desk).Get("windowsPassword"); other.Equals(password) {
		t.Error("a replacement gets the old password")
	}
}

func TestAnImportedWindowsMachineGetsNoMadeUpPassword(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	desk := props{"os": text("windows"), "gpuModel": text("RTX 3090"), "rentalHours": number(1)}
	id := s.mustCreate(instanceType, "desk", with(desk, props{"name": text("desk")})).id
	r, err := s.importing(instanceType, "desk", id)
	if err != nil {
		t.Fatal(err)
	}
	s.noDiff(r, with(desk, props{"name": text("desk")}))
	if err := s.update(r, with(desk, props{"name": text("desk"), "autoRenew": flag(true)})); err != nil {
		t.Fatal(err)
	}
	if password := r.state.Get("windowsPassword"); !password.IsNull() {
		t.Errorf("the state has a password: %v", password)
	}
}
