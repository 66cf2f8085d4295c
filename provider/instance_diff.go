package provider

import (
	"fmt"
	"slices"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// replacing are the inputs that cannot change in place.
var replacing = []string{"os", "gpuModel", "offerId", "gpuCount", "storageGb", "country", "rentalHours", "windowsPassword"}

// caseless are the inputs in which upper and lower case are the same.
var caseless = []string{"gpuModel", "country"}

// diffInstance compares old and new inputs. Only what the machine that is
// rented does not satisfy replaces it: asking for the model that it has anyway,
// or no longer asking for one, changes nothing.
//
// Lowering extensionHours is refused: hours that were paid for cannot be given
// back. With a replacement the count begins anew.
func diffInstance(req p.DiffRequest) (p.DiffResponse, error) {
	diff := changed(req.OldInputs, req.Inputs)
	for _, key := range replacing {
		d, differs := diff[key]
		if !differs {
			continue
		}
		switch {
		case d.Kind == p.Delete:
			if key == "windowsPassword" {
				delete(diff, key) // os tells whether one is needed
			}
		case key == "windowsPassword" && d.Kind == p.Add:
			delete(diff, key) // an imported instance has one that nobody can read
		case satisfies(key, req.State.Get(key), req.Inputs.Get(key)):
		case d.Kind == p.Add:
			diff[key] = p.PropertyDiff{Kind: p.AddReplace, InputDiff: true}
		default:
			diff[key] = p.PropertyDiff{Kind: p.UpdateReplace, InputDiff: true}
		}
	}
	if status := req.State.Get("status"); status.IsString() {
		switch s := pictor.InstanceStatus(status.AsString()); {
		case hasEnded(s):
			diff["status"] = p.PropertyDiff{Kind: p.UpdateReplace}
		case s != "" && isText(req.Inputs.Get("waitFor"), waitForNone):
			// The program does not wait for it, so neither does a run.
		case !isSettled(s):
			// On its way, or not even known to be rented. A refresh makes the
			// engine forget that the last run did not get to its end.
			diff["status"] = p.PropertyDiff{Kind: p.Update}
		}
	}
	if awaitsSSH(req) {
		diff["sshHostKey"] = p.PropertyDiff{Kind: p.Update}
	}
	if err := diffExtension(req, diff); err != nil {
		return p.DiffResponse{}, err
	}
	return p.DiffResponse{
		HasChanges:          len(diff) > 0,
		DetailedDiff:        diff,
		DeleteBeforeReplace: keepsOwnName(req),
	}, nil
}

// diffExtension compares the hours of extension with those that are paid for,
// which may be fewer than the last run was asked for.
func diffExtension(req p.DiffRequest, diff map[string]p.PropertyDiff) error {
	paid, now := 0.0, req.Inputs.Get("extensionHours")
	if v := req.State.Get("extensionHours"); v.IsNumber() {
		paid = v.AsNumber()
	}
	switch {
	case !now.IsNumber() || replaces(diff):
	case now.AsNumber() < paid:
		return fmt.Errorf("extensionHours cannot be lowered from %v to %v: these hours are paid for and are not given back; "+
			"write %[1]v again, or replace the instance", paid, now.AsNumber())
	case now.AsNumber() > paid:
		diff["extensionHours"] = p.PropertyDiff{Kind: p.Update, InputDiff: true}
	}
	return nil
}

func replaces(diff map[string]p.PropertyDiff) bool {
	for _, d := range diff {
		if d.Kind == p.AddReplace || d.Kind == p.UpdateReplace || d.Kind == p.DeleteReplace {
			return true
		}
	}
	return false
}

// satisfies tells whether the rented machine has what is asked for now. What is
// not known yet may turn out to be anything.
func satisfies(key string, has, asked property.Value) bool {
	has, asked = plain(has), plain(asked)
	if asked.HasComputed() {
		return false
	}
	if slices.Contains(caseless, key) && has.IsString() && asked.IsString() {
		return strings.EqualFold(has.AsString(), asked.AsString())
	}
	return key != "windowsPassword" && has.Equals(asked)
}

// keepsOwnName tells whether a replacement would have the name that the old one
// still has, because the program gives it: then the old one must go first.
func keepsOwnName(req p.DiffRequest) bool {
	old, name := req.OldInputs.Get("name"), req.Inputs.Get("name")
	return old.IsString() && name.IsString() && old.AsString() == name.AsString() &&
		!isAutomaticName(name.AsString(), req.Urn.Name())
}

// awaitsSSH tells whether an update would wait for SSH.
func awaitsSSH(req p.DiffRequest) bool {
	return isText(req.Inputs.Get("waitFor"), waitForSSH) && isText(req.State.Get("status"), string(pictor.StatusRunning)) && !req.State.Get("sshHostKey").IsString() &&
		!isText(req.Inputs.Get("desiredStatus"), string(pictor.StatusStopped))
}

func isText(v property.Value, s string) bool { return v.IsString() && v.AsString() == s }

// isSettled tells whether an instance is up or down, and not on its way.
func isSettled(s pictor.InstanceStatus) bool {
	return s == pictor.StatusRunning || s == pictor.StatusStopped
}

// hasEnded tells whether an instance will never run again.
func hasEnded(s pictor.InstanceStatus) bool {
	s = pictor.NormalStatus(s)
	return s == pictor.StatusTerminated || s == pictor.StatusError
}
