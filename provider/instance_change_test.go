package provider_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

func replacedFor(d p.DiffResponse) (keys []string) {
	for key, kind := range d.DetailedDiff {
		if strings.HasSuffix(string(kind.Kind), "replace") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// Every input, and what its change leads to.
func TestEveryInputChangesInItsWay(t *testing.T) {
	t.Parallel()
	base := with(trainer, props{"name": text("mine"), "maxPricePerHour": text("5"), "capacityWait": text("1m")})
	fallbacks := with(base, props{"gpuModel": property.Value{}, "gpuModels": texts("RTX 4090", "RTX 3090")})
	for name, c := range map[string]struct {
		from, to props
		calls    string // the request by which it changes in place
		replaces string // the input for which it is replaced
	}{
		"name":             {from: base, to: props{"name": text("other")}, calls: "PATCH "},
		"autoRenew":        {from: base, to: props{"autoRenew": flag(true)}, calls: "PUT /auto-renew"},
		"sshKeyIds":        {from: base, to: props{"sshKeyIds": texts("key")}, calls: "PUT /ssh-keys"},
		"desiredStatus":    {from: base, to: props{"desiredStatus": text("stopped")}, calls: "POST /stop"},
		"extensionHours":   {from: base, to: props{"extensionHours": number(2)}, calls: "POST /extend"},
		"maxPricePerHour":  {from: base, to: props{"maxPricePerHour": text("0.01")}},
		"no ceiling":       {from: base, to: props{"maxPricePerHour": property.Value{}}},
		"capacityWait":     {from: base, to: props{"capacityWait": text("2h")}},
		"no capacityWait":  {from: base, to: props{"capacityWait": property.Value{}}},
		"order":            {from: fallbacks, to: props{"gpuModels": texts("RTX 3090", "rtx 4090")}},
		"more fallbacks":   {from: fallbacks, to: props{"gpuModels": texts("H100", "RTX 4090", "L4")}},
		"only the rented":  {from: fallbacks, to: props{"gpuModels": texts("RTX 4090")}},
		"an unknown one":   {from: fallbacks, to: props{"gpuModels": property.New(property.NewArray([]property.Value{unknown, text("RTX 4090")}))}},
		"list to model":    {from: fallbacks, to: props{"gpuModels": property.Value{}, "gpuModel": text("RTX 4090")}},
		"model to list":    {from: base, to: props{"gpuModel": property.Value{}, "gpuModels": texts("L4", "RTX 4090")}},
		"any model":        {from: base, to: props{"gpuModel": property.Value{}}},
		"model's spelling": {from: base, to: props{"gpuModel": text("rtx 4090")}},
		"no fallback":      {from: fallbacks, to: props{"gpuModels": property.Value{}}},
		"other fallbacks":  {from: fallbacks, to: props{"gpuModels": texts("RTX 3090", "L4")}, replaces: "gpuModels"},
		"list to other":    {from: fallbacks, to: props{"gpuModels": property.Value{}, "gpuModel": text("L4")}, replaces: "gpuModel"},
		"other model":      {from: base, to: props{"gpuModel": text("L4")}, replaces: "gpuModel"},
		"model yet to be":  {from: base, to: props{"gpuModel": unknown}, replaces: "gpuModel"},
		"list yet to be":   {from: fallbacks, to: props{"gpuModels": unknown}, replaces: "gpuModels"},
		"os": {
			from: base, to: props{"os": text("windows"), "windowsPassword": text("Correct-Horse-42")},
			replaces: "os",
		},
		"gpuCount":    {from: base, to: props{"gpuCount": number(2)}, replaces: "gpuCount"},
		"storageGb":   {from: base, to: props{"storageGb": number(60)}, replaces: "storageGb"},
		"rentalHours": {from: base, to: props{"rentalHours": number(25)}, replaces: "rentalHours"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t)
			key := s.mustCreate(sshKeyType, "laptop", props{"publicKey": text(ed25519Key)})
			r := s.mustCreate(instanceType, "trainer", c.from)
			now := with(c.from, c.to)
			if _, keys := c.to["sshKeyIds"]; keys {
				now["sshKeyIds"] = texts(key.id)
			}
			s.said.take()
			d, _, err := s.diff(r, now)
			if err != nil {
				t.Fatal(err)
			}
			if !d.HasChanges {
				t.Error("the preview shows no change")
			}
			if c.replaces != "" {
				if got := replacedFor(d); !slices.Contains(got, c.replaces) || !d.DeleteBeforeReplace {
					t.Errorf("replaced for %v, the old one first %v", got, d.DeleteBeforeReplace)
				}
				s.wantSaid(t, "gives up 24 h 0 min of prepaid time, worth 8.16 credits", "deletes the old instance first")
				return
			}
			if property.New(property.NewMap(now)).HasComputed() {
				if got := replacedFor(d); len(got) > 0 {
					t.Errorf("replaced for %v", got)
				}
				return
			}
			s = s.again()
			if err := s.update(r, now); err != nil {
				t.Fatal(err)
			}
			s.wantUnsaid(t, "gives up", "deletes")
			if c.calls == "" {
				if calls := s.sent.take(); len(calls) > 0 {
					t.Errorf("what is recorded only asked %q", calls)
				}
			} else if calls := s.sent.takeChanging(); len(calls) != 1 || strings.Replace(calls[0], "/gpu-instances/"+r.id, "", 1) != c.calls {
				t.Errorf("asked %q, not %q", calls, c.calls)
			}
			wantText(t, r.state, "gpuModel", "RTX 4090")
			for key, asked := range c.to {
				if has := r.state.Get(key); !strings.EqualFold(toText(has), toText(asked)) && !(asked.IsNull() && key == "gpuModel") && key != "sshKeyIds" {
					t.Errorf("%s is recorded as %v", key, has)
				}
			}
			s.noDiff(r, now)
			if err := s.refresh(r); err != nil {
				t.Fatal(err)
			}
			s.noDiff(r, now)
		})
	}
}

// toText is a value as a person reads it; an array is its elements.
func toText(v property.Value) string {
	switch {
	case v.IsString():
		return v.AsString()
	case v.IsArray():
		var list []string
		for _, e := range v.AsArray().AsSlice() {
			list = append(list, toText(e))
		}
		return strings.Join(list, ", ")
	default:
		return v.GoString()
	}
}

func TestAPasswordThatChangesReplaces(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	desk := props{"os": text("windows"), "rentalHours": number(1), "windowsPassword": text("Correct-Horse-42").WithSecret(true)}
	r := s.mustCreate(instanceType, "desk", desk)
	d, _, err := s.diff(r, with(desk, props{"windowsPassword": text("Another-Horse-43").WithSecret(true)}))
	if got := replacedFor(d); err != nil || !slices.Equal(got, []string{"windowsPassword"}) {
		t.Errorf("replaced for %v, %v", got, err)
	}
	s.wantUnsaid(t, "Horse")
}

func TestNothingThatIsUnknownLooksRemoved(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	key := s.mustCreate(sshKeyType, "laptop", props{"publicKey": text(ed25519Key)})
	r := s.mustCreate(instanceType, "trainer", with(trainer, props{"name": text("mine"), "sshKeyIds": texts(key.id), "maxPricePerHour": text("5"), "autoRenew": flag(true)}))
	all := with(trainer, nil)
	for _, input := range []string{"name", "sshKeyIds", "maxPricePerHour", "capacityWait", "autoRenew", "desiredStatus", "extensionHours"} {
		all[input] = unknown
	}
	d, checked, err := s.diff(r, all)
	if err != nil {
		t.Fatal(err)
	}
	if got := replacedFor(d); len(got) > 0 {
		t.Errorf("replaced for %v", got)
	}
	for key, kind := range d.DetailedDiff {
		if kind.Kind == p.Delete {
			t.Errorf("%s looks removed", key)
		}
	}
	preview := s.previewUpdate(r, checked)
	for _, output := range []string{"name", "sshKeyIds", "autoRenew", "expiresAt", "status"} {
		if !preview.Get(output).HasComputed() {
			t.Errorf("%s is taken for known: %v", output, preview.Get(output))
		}
	}
	if !preview.Get("hourlyPrice").Equals(r.state.Get("hourlyPrice")) {
		t.Errorf("the price is %v", preview.Get("hourlyPrice"))
	}
}

// Neither is a change of the program's.
func TestARenewalAndAnExtensionElsewhereAreNoDrift(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	renewing := with(trainer, props{"autoRenew": flag(true), "extensionHours": number(1)})
	r := s.mustCreate(instanceType, "trainer", renewing)
	for range 3 {
		s.sim.Advance(26 * time.Hour)
		s.sim.Do(t, func(w *engine.World) error { _, err := w.Extend(r.id, 2, ""); return err })
		if err := s.refresh(r); err != nil {
			t.Fatal(err)
		}
		wantNumber(t, r.inputs, "extensionHours", 1)
		wantNumber(t, r.state, "extensionHours", 1)
		wantNumber(t, r.state, "rentalHours", 24)
		s.noDiff(r, renewing)
	}
	wantNumber(t, r.state, "extendedHours", 7)
	s.sent.take()
	if err := s.update(r, with(renewing, props{"extensionHours": number(3)})); err != nil {
		t.Fatal(err)
	}
	if inst := onlyInstance(t, s.sim); inst.ExtendedHours != 9 || len(s.sent.takeChanging()) != 1 {
		t.Errorf("extended by %d hours in all, not 9", inst.ExtendedHours)
	}
}

func TestSwitchingAutoRenewMakesNoOutputUnknown(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	r := s.mustCreate(instanceType, "trainer", trainer)
	for _, change := range []props{
		{"autoRenew": flag(true)},
		{"maxPricePerHour": text("3")},
		{"capacityWait": text("3m")},
		{"gpuModel": property.Value{}, "gpuModels": texts("L4", "RTX 4090")},
	} {
		_, checked, err := s.diff(r, with(trainer, change))
		if err != nil {
			t.Fatal(err)
		}
		for key, v := range s.previewUpdate(r, checked).All {
			if v.HasComputed() {
				t.Errorf("%v makes %s unknown", change, key)
			}
		}
	}
}
