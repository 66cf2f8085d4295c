package provider_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

var trainer = props{"gpuModel": text("RTX 4090"), "rentalHours": number(24)}

// onlyInstance is the one machine that the sandbox rents.
func onlyInstance(t *testing.T, sim *simtest.Sim) engine.Instance {
	t.Helper()
	all := sim.Instances()
	if len(all) != 1 {
		t.Fatalf("the account rents %d machines, not 1: %+v", len(all), all)
	}
	return all[0]
}

// charges is what was paid for, in the ledger's words.
func charges(sim *simtest.Sim) []string {
	var list []string
	for _, e := range sim.Ledger() {
		if e.Type == engine.EntryCharge {
			list = append(list, e.Description)
		}
	}
	return list
}

func TestInstanceLivesFromPreviewToDelete(t *testing.T) {
	t.Parallel()
	s := newStack(t)

	preview, err := s.previewCreate(instanceType, "trainer", trainer)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.sim.Instances()) != 0 {
		t.Fatal("the preview rented a machine")
	}
	r := s.mustCreate(instanceType, "trainer", trainer)
	inst := onlyInstance(t, s.sim)
	if r.id != inst.ID {
		t.Errorf("id is %q, not %q", r.id, inst.ID)
	}
	for _, price := range []string{"hourlyPrice", "prepaidTotal"} {
		if !preview.Get(price).Equals(r.state.Get(price)) {
			t.Errorf("%s was %v at preview and is %v", price, preview.Get(price), r.state.Get(price))
		}
	}
	if !preview.Get("connection").IsComputed() {
		t.Errorf("the preview claims to know the connection: %v", preview.Get("connection"))
	}
	wantText(t, r.state, "status", "running")
	wantText(t, r.state, "instanceId", inst.ID)
	wantText(t, r.state.Get("connection").AsMap(), "command", "ssh root@"+inst.Address)
	if !strings.HasPrefix(inst.Name, "trainer-") {
		t.Errorf("the automatic name is %q", inst.Name)
	}

	s.noDiff(r, trainer)
	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	s.noDiff(r, trainer)

	if err := s.delete(r); err != nil {
		t.Fatal(err)
	}
	if left := s.sim.Instances(); len(left) != 0 {
		t.Errorf("still rented: %+v", left)
	}
}

func TestInstanceChangesInPlace(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	key := s.mustCreate(sshKeyType, "laptop", props{"publicKey": text(ed25519Key)})
	r := s.mustCreate(instanceType, "trainer", trainer)
	id := r.id
	firstAddress := onlyInstance(t, s.sim).Address

	now := trainer
	for _, step := range []struct {
		change props
		holds  func(engine.Instance) bool
	}{
		{props{"autoRenew": flag(true)}, func(i engine.Instance) bool { return i.AutoRenew }},
		{props{"name": text("my trainer")}, func(i engine.Instance) bool { return i.Name == "my trainer" }},
		{props{"sshKeyIds": texts(key.id)}, func(i engine.Instance) bool { return len(i.SSHKeyIDs) == 1 && i.SSHKeyIDs[0] == key.id }},
		{props{"extensionHours": number(5)}, func(i engine.Instance) bool { return i.ExtendedHours == 5 }},
		{props{"extensionHours": number(7)}, func(i engine.Instance) bool { return i.ExtendedHours == 7 }},
		{props{"desiredStatus": text("stopped")}, func(i engine.Instance) bool { return i.Status == engine.StatusStopped }},
		{props{"desiredStatus": text("running")}, func(i engine.Instance) bool {
			return i.Status == engine.StatusRunning && i.Address != firstAddress
		}},
		{props{"sshKeyIds": property.Value{}}, func(i engine.Instance) bool { return len(i.SSHKeyIDs) == 0 }},
		{props{"maxPricePerHour": text("9")}, func(engine.Instance) bool { return true }},
		{props{"gpuModel": text("rtx 4090")}, func(engine.Instance) bool { return true }},
	} {
		now = with(now, step.change)
		if err := s.update(r, now); err != nil {
			t.Fatalf("%v: %v", step.change, err)
		}
		inst := onlyInstance(t, s.sim)
		if inst.ID != id || !step.holds(inst) {
			t.Errorf("after %v the instance is %+v", step.change, inst)
		}
		s.noDiff(r, now)
		if err := s.refresh(r); err != nil {
			t.Fatal(err)
		}
		s.noDiff(r, now)
	}
}

func TestInstanceIsReplacedOnlyForWhatCannotChange(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	r := s.mustCreate(instanceType, "trainer", trainer)
	inst := onlyInstance(t, s.sim)
	other := otherOffer(t, s.sim, inst)

	for name, c := range map[string]struct {
		change  props
		replace bool
	}{
		"another model":           {props{"gpuModel": text("RTX 3090")}, true},
		"no model any more":       {props{"gpuModel": property.Value{}}, false},
		"more GPUs":               {props{"gpuCount": number(2)}, true},
		"more storage":            {props{"storageGb": number(200)}, true},
		"another period":          {props{"rentalHours": number(48)}, true},
		"the country it is in":    {props{"country": text(strings.ToLower(inst.Host.Country))}, false},
		"another country":         {props{"country": text(other.Host.Country)}, true},
		"the offer it is from":    {props{"offerId": text(inst.OfferID)}, false},
		"another offer":           {props{"offerId": text(other.ID)}, true},
		"an offer yet to be seen": {props{"offerId": unknown}, true},
		"windows":                 {props{"os": text("windows"), "windowsPassword": text("Correct-Horse-42")}, true},
		"auto-renew":              {props{"autoRenew": flag(true)}, false},
		"keys yet to be made":     {props{"sshKeyIds": unknown}, false},
		"another ceiling":         {props{"maxPricePerHour": text("0.01")}, false},
	} {
		d, _, err := s.diff(r, with(trainer, c.change))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		replace := false
		for _, kind := range d.DetailedDiff {
			replace = replace || strings.HasSuffix(string(kind.Kind), "replace")
		}
		if !d.HasChanges || replace != c.replace {
			t.Errorf("%s: changes %v, replaces %v: %v", name, d.HasChanges, replace, d.DetailedDiff)
		}
		if d.DeleteBeforeReplace {
			t.Errorf("%s: an automatic name needs no delete before the replacement", name)
		}
	}
}

// otherOffer has the GPU that an instance has, in another country.
func otherOffer(t *testing.T, sim *simtest.Sim, inst engine.Instance) (found engine.Offer) {
	t.Helper()
	sim.Do(t, func(w *engine.World) error {
		for _, o := range w.Offers(func(o *engine.Offer) bool {
			return o.GPUModel == inst.GPUModel && o.Host.Country != inst.Host.Country && o.GPUsAvailable > 1 && o.DiskAvailableGB >= 200
		}) {
			found = *o
			return nil
		}
		return errors.New("the market has no such offer")
	})
	return found
}

func TestReplacementUnderAChosenNameDeletesFirst(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	named := with(trainer, props{"name": text("mine")})
	r := s.mustCreate(instanceType, "trainer", named)
	d, _, err := s.diff(r, with(named, props{"gpuCount": number(2)}))
	if err != nil || !d.DeleteBeforeReplace {
		t.Errorf("delete before replace is %v, %v", d.DeleteBeforeReplace, err)
	}
}

func TestExtensionHoursCannotBeLowered(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	extended := with(trainer, props{"extensionHours": number(5)})
	r := s.mustCreate(instanceType, "trainer", extended)
	if got := onlyInstance(t, s.sim).ExtendedHours; got != 5 {
		t.Errorf("created with %d hours of extension, not 5", got)
	}
	_, _, err := s.diff(r, with(trainer, props{"extensionHours": number(4)}))
	wantError(t, err, "cannot be lowered from 5 to 4")
	if _, _, err := s.diff(r, with(trainer, props{"extensionHours": number(0), "gpuCount": number(2)})); err != nil {
		t.Errorf("a replacement begins anew: %v", err)
	}
}

func TestPreviewOfAnUpdateKnowsWhatDoesNotChange(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	r := s.mustCreate(instanceType, "trainer", trainer)
	preview := func(change props) property.Map {
		t.Helper()
		_, checked, err := s.diff(r, with(trainer, change))
		if err != nil {
			t.Fatal(err)
		}
		return s.previewUpdate(r, checked)
	}
	renewing := preview(props{"autoRenew": flag(true)})
	if !renewing.Get("connection").Equals(r.state.Get("connection")) || !renewing.Get("expiresAt").Equals(r.state.Get("expiresAt")) {
		t.Errorf("switching auto-renew seems to change the address or the expiry: %v", renewing)
	}
	stopping := preview(props{"desiredStatus": text("stopped")})
	if !stopping.Get("connection").IsComputed() || !stopping.Get("hourlyPrice").Equals(r.state.Get("hourlyPrice")) {
		t.Errorf("a preview of stopping shows %v", stopping)
	}
}

func TestWhatChangesElsewhereShowsAsDrift(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	renewing := with(trainer, props{"autoRenew": flag(true)})
	r := s.mustCreate(instanceType, "trainer", renewing)

	s.sim.Advance(30 * time.Hour) // a renewal
	s.sim.Do(t, func(w *engine.World) error { _, err := w.Extend(r.id, 3, ""); return err })
	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	s.noDiff(r, renewing) // neither is drift
	wantNumber(t, r.state, "extendedHours", 3)

	s.sim.Do(t, func(w *engine.World) error {
		if _, err := w.SetAutoRenew(r.id, false); err != nil {
			return err
		}
		_, err := w.Stop(r.id)
		return err
	})
	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	d, _, err := s.diff(r, renewing)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"autoRenew", "desiredStatus"} {
		if _, shown := d.DetailedDiff[key]; !shown {
			t.Errorf("the change of %s does not show: %v", key, d.DetailedDiff)
		}
	}
	if err := s.update(r, renewing); err != nil {
		t.Fatal(err)
	}
	if inst := onlyInstance(t, s.sim); !inst.AutoRenew || inst.Status != engine.StatusRunning {
		t.Errorf("not put back: %+v", inst)
	}
}

func TestARenameAndOtherKeysElsewhereShowAsDrift(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	laptop := s.mustCreate(sshKeyType, "laptop", props{"name": text("laptop"), "publicKey": text(ed25519Key)})
	ours := with(trainer, props{"name": text("ours"), "sshKeyIds": texts(laptop.id)})
	r := s.mustCreate(instanceType, "trainer", ours)

	s.sim.Do(t, func(w *engine.World) error {
		if _, err := w.Rename(r.id, "theirs"); err != nil {
			return err
		}
		if _, err := w.RenameSSHKey(laptop.id, "theirs"); err != nil {
			return err
		}
		_, err := w.SetSSHKeys(r.id, nil)
		return err
	})
	for _, changed := range []struct {
		*res
		inputs props
		keys   []string
	}{
		{r, ours, []string{"name", "sshKeyIds"}},
		{laptop, props{"name": text("laptop"), "publicKey": text(ed25519Key)}, []string{"name"}},
	} {
		if err := s.refresh(changed.res); err != nil {
			t.Fatal(err)
		}
		wantText(t, changed.res.inputs, "name", "theirs")
		wantText(t, changed.state, "name", "theirs")
		d, _, err := s.diff(changed.res, changed.inputs)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range changed.keys {
			if _, shown := d.DetailedDiff[key]; !shown {
				t.Errorf("the change of %s does not show: %v", key, d.DetailedDiff)
			}
		}
		if len(d.DetailedDiff) != len(changed.keys) {
			t.Errorf("what nobody has changed shows: %v", d.DetailedDiff)
		}
		if err := s.update(changed.res, changed.inputs); err != nil {
			t.Fatal(err)
		}
		s.noDiff(changed.res, changed.inputs)
	}
	if inst := onlyInstance(t, s.sim); inst.Name != "ours" || len(inst.SSHKeyIDs) != 1 || inst.SSHKeyIDs[0] != laptop.id {
		t.Errorf("not put back: %+v", inst)
	}
}

func TestEndedInstanceIsReplaced(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	r := s.mustCreate(instanceType, "trainer", trainer)
	s.sim.Advance(25 * time.Hour)
	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	wantText(t, r.state, "status", string(pictor.StatusTerminated))
	d, _, err := s.diff(r, trainer)
	if err != nil || d.DetailedDiff["status"].Kind != "update&replace" {
		t.Errorf("diff is %v, %v", d, err)
	}
}

func TestWindowsPasswordIsSecretAndNoDifferenceAfterImport(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	const password = "Correct-Horse-42"
	desk := props{"os": text("windows"), "gpuModel": text("RTX 3090"), "rentalHours": number(1), "windowsPassword": text(password).WithSecret(true)}
	r := s.mustCreate(instanceType, "desk", desk)
	if !r.state.Get("windowsPassword").Secret() || !r.inputs.Get("windowsPassword").Secret() {
		t.Error("the password is not secret after create")
	}
	wantText(t, r.state.Get("connection").AsMap(), "username", "user")
	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	if !r.state.Get("windowsPassword").Secret() || !r.inputs.Get("windowsPassword").Secret() {
		t.Error("the password is not secret after refresh")
	}
	s.noDiff(r, desk)

	imported, err := s.importing(instanceType, "desk", r.id)
	if err != nil {
		t.Fatal(err)
	}
	s.noDiff(imported, with(desk, props{"name": r.state.Get("name")}))
	s.noDiff(imported, with(desk, props{"name": r.state.Get("name"), "windowsPassword": property.Value{}}))
	d, _, err := s.diff(r, with(desk, props{"windowsPassword": text("Another-Horse-43")}))
	if err != nil || d.DetailedDiff["windowsPassword"].Kind != "update&replace" {
		t.Errorf("another password: %v, %v", d, err)
	}
}

func TestImportByIDAndByNamePreviewsNoChange(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	key := s.mustCreate(sshKeyType, "laptop", props{"publicKey": text(ed25519Key)})
	stopped := with(trainer, props{"name": text("mine"), "sshKeyIds": texts(key.id), "desiredStatus": text("stopped")})
	r := s.mustCreate(instanceType, "trainer", stopped)
	for _, id := range []string{r.id, "mine"} {
		imported, err := s.importing(instanceType, "trainer", id)
		if err != nil || imported.id != r.id {
			t.Fatalf("import of %s: %q, %v", id, imported.id, err)
		}
		s.noDiff(imported, stopped)
	}
	// Hours that were added before count as had: a program that asks for them
	// must not pay for them again.
	s.sim.Do(t, func(w *engine.World) error { _, err := w.Extend(r.id, 2, ""); return err })
	extended, err := s.importing(instanceType, "trainer", r.id)
	if err != nil {
		t.Fatal(err)
	}
	s.noDiff(extended, with(stopped, props{"extensionHours": number(2)}))

	for of, says := range map[tokens.Type]string{instanceType: "the account has none with this id or name", sshKeyType: "none of the account's 1 SSH keys"} {
		_, err := s.importing(of, "nothing", "no-such-thing")
		wantError(t, err, says, "no-such-thing")
	}
}
