package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// replaced are the inputs that cannot change in place.
var replaced = []string{"os", "gpuModel", "gpuModels", "offerId", "gpuCount", "storageGb", "country", "rentalHours", "windowsPassword"}

// recorded are the inputs whose change is written into the state and asks
// nothing of the service: they say how to rent, not what is rented. gpuModels is
// one as long as the rented model is still in it.
var recorded = []string{"gpuModels", "maxPricePerHour", "capacityWait", "waitFor", "group"}

// caseless are the inputs in which upper and lower case are the same.
var caseless = []string{"gpuModel", "country"}

// Diff compares, and looks before anything is deleted whether a replacement can
// be had.
func (*Instance) Diff(ctx context.Context, req infer.DiffRequest[InstanceArgs, InstanceState]) (p.DiffResponse, error) {
	raw := requestOf(ctx)
	resp, err := diffInstance(p.DiffRequest{ID: req.ID, Urn: raw.urn, State: raw.state, OldInputs: raw.oldInputs, Inputs: raw.inputs})
	if err == nil && hadCeiling(raw.oldInputs) && req.State.tooDear(ctx, req.Inputs) != nil {
		resp.DetailedDiff["hourlyPrice"], resp.HasChanges = p.PropertyDiff{Kind: p.Update}, true
	}
	if err != nil {
		return resp, err
	}
	if hasEnded(pictor.InstanceStatus(req.State.Status)) {
		p.GetLogger(ctx).Infof("%v", req.State.ended()) // why it is replaced
		return resp, nil
	}
	if !inputsReplace(resp.DetailedDiff) {
		return resp, nil
	}
	return resp, checkReplacement(ctx, req.State, req.Inputs, resp.DeleteBeforeReplace)
}

// diffInstance compares old and new inputs. Only what the machine that is
// rented does not satisfy replaces it: asking for the model that it has anyway,
// or no longer asking for one, changes nothing.
//
// Lowering extensionHours is refused: hours that were paid for cannot be given
// back. With a replacement the count begins anew.
func diffInstance(req p.DiffRequest) (p.DiffResponse, error) {
	diff := changed(req.OldInputs, req.Inputs)
	for _, key := range replaced {
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
		case satisfies(key, req.State, req.Inputs.Get(key)):
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

func isReplacement(d p.PropertyDiff) bool {
	return d.Kind == p.AddReplace || d.Kind == p.UpdateReplace || d.Kind == p.DeleteReplace
}

func replaces(diff map[string]p.PropertyDiff) bool {
	for _, d := range diff {
		if isReplacement(d) {
			return true
		}
	}
	return false
}

// inputsReplace tells whether the program asks for another machine. A refresh,
// for which the engine lets old and new inputs change places, never seems to.
func inputsReplace(diff map[string]p.PropertyDiff) bool {
	for _, d := range diff {
		if d.InputDiff && isReplacement(d) {
			return true
		}
	}
	return false
}

// satisfies tells whether the rented machine has what is asked for now. What is
// not known yet may turn out to be anything.
func satisfies(key string, state property.Map, asked property.Value) bool {
	has, asked := plain(state.Get(key)), plain(asked)
	if key == "gpuModels" {
		model := state.Get("gpuModel")
		return asked.IsArray() && slices.ContainsFunc(asked.AsArray().AsSlice(), func(m property.Value) bool {
			return m.IsString() && model.IsString() && strings.EqualFold(m.AsString(), model.AsString())
		})
	}
	if asked.HasComputed() {
		return false
	}
	if slices.Contains(caseless, key) && has.IsString() && asked.IsString() {
		return strings.EqualFold(has.AsString(), asked.AsString())
	}
	return key != "windowsPassword" && has.Equals(asked)
}

// onlyRecorded tells whether an update has nothing to do but to write inputs into
// the state: what changed is recorded only, or is what the machine has anyway,
// and nothing is left to do from an earlier run.
func onlyRecorded(ctx context.Context, state InstanceState, want InstanceArgs) bool {
	req := requestOf(ctx)
	diff := changed(req.oldInputs, req.inputs)
	for key := range diff {
		if !slices.Contains(recorded, key) && !slices.Contains(replaced, key) {
			return false
		}
	}
	return len(diff) > 0 && state.has(want) && !awaitsSSH(p.DiffRequest{State: req.state, OldInputs: req.oldInputs, Inputs: req.inputs})
}

// has tells whether an instance is, as far as the state knows, all that the
// program wants of it.
func (s *InstanceState) has(want InstanceArgs) bool {
	return s.InstanceID != "" && s.ExtendingFrom == nil &&
		s.Status == value(want.DesiredStatus) &&
		value(s.Name) == value(want.Name) &&
		value(s.AutoRenew) == value(want.AutoRenew) &&
		value(s.ExtensionHours) >= value(want.ExtensionHours) &&
		sameSet(s.SSHKeyIDs, want.SSHKeyIDs)
}

// record takes over the inputs of which the service knows nothing.
func (s *InstanceState) record(want InstanceArgs) {
	s.GPUModels, s.MaxPricePerHour, s.CapacityWait = want.GPUModels, want.MaxPricePerHour, want.CapacityWait
	s.WindowsPassword, s.WaitFor, s.Group = want.WindowsPassword, want.WaitFor, want.Group
}

// keepsOwnName tells whether a replacement would have the name that the old one
// still has, because the program gives it: then the old one must go first.
func keepsOwnName(req p.DiffRequest) bool {
	old, name := req.OldInputs.Get("name"), req.Inputs.Get("name")
	automatic := func(inputs property.Map) bool {
		return isAutomaticName(name.AsString(), req.Urn.Name(), inputs.Get("group"))
	}
	return old.IsString() && name.IsString() && old.AsString() == name.AsString() && !automatic(req.OldInputs) && !automatic(req.Inputs)
}

// awaitsSSH tells whether a wait for SSH is left to do: the program wanted it
// before, and the state, where it is written once SSH has answered, does not have
// it. That it begins to want it only now is recorded, for the next start.
func awaitsSSH(req p.DiffRequest) bool {
	return isText(req.OldInputs.Get("waitFor"), waitForSSH) && isText(req.Inputs.Get("waitFor"), waitForSSH) && !isText(req.State.Get("waitFor"), waitForSSH) &&
		isText(req.State.Get("status"), string(pictor.StatusRunning)) && !isText(req.Inputs.Get("desiredStatus"), string(pictor.StatusStopped))
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
