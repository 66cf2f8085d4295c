package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// extend adds, and pays for, the hours that the program wants beyond those that
// it has had. After a lost answer the instance's own count tells what happened;
// never its expiry, which a renewal moves too.
func (s *session) extend(ctx context.Context, state *InstanceState, want InstanceArgs) error {
	if err := s.resolveExtension(ctx, state); err != nil {
		return err
	}
	hours := value(want.ExtensionHours) - value(state.ExtensionHours)
	if hours <= 0 {
		return nil
	}
	from := state.ExtendedHours
	token := fmt.Sprintf("%s-extend-%d-to-%d", state.InstanceID, from, from+hours)
	inst, err := s.api.ExtendInstance(ctx, pictor.ID(state.InstanceID), hours, token)
	switch {
	case err == nil:
		state.observe(inst)
		state.ExtensionHours = want.ExtensionHours
		return nil
	case !pictor.IsCode(err, pictor.CodeAmbiguous):
		return err
	}
	state.ExtendingFrom, state.ExtendingSince = &from, new(s.clock.Now().UTC().Format(time.RFC3339))
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), rentTime)
	defer cancel()
	if s.seeExtension(look, state) {
		return nil
	}
	return fmt.Errorf("it is not known whether instance %s was extended by %d h; the next \"pulumi up\" looks again, and extends it only if it was not and, %s from now, cannot be any more: %w",
		value(state.Name), hours, settledTime, err)
}

// resolveExtension finds out what became of an extension whose answer an earlier
// run has lost. That the count has not grown proves nothing while the request
// may still be carried out.
func (s *session) resolveExtension(ctx context.Context, state *InstanceState) error {
	if state.ExtendingFrom == nil || s.seeExtension(ctx, state) {
		return nil
	}
	asked, err := time.Parse(time.RFC3339, value(state.ExtendingSince))
	if err != nil {
		return fmt.Errorf("the state of instance %q does not say when its extension was asked for: %w", value(state.Name), err)
	}
	if left := settledTime - s.clock.Now().Sub(asked); left > 0 {
		return fmt.Errorf("it is not known yet whether instance %s was extended: it was not so far, but the request may still be carried out; try again in %s",
			value(state.Name), left.Round(time.Second))
	}
	state.ExtendingFrom, state.ExtendingSince = nil, nil
	return nil
}

// seeExtension reads the instance several times, since a read can be stale, and
// counts the hours that it has more than before the extension as had.
func (s *session) seeExtension(ctx context.Context, state *InstanceState) bool {
	from := *state.ExtendingFrom
	for _, after := range lookTimes {
		if s.clock.Sleep(ctx, after) != nil {
			return false
		}
		if state.after(s.api.GetInstance(ctx, pictor.ID(state.InstanceID))) == nil && state.ExtendedHours > from {
			state.ExtensionHours = new(value(state.ExtensionHours) + state.ExtendedHours - from)
			state.ExtendingFrom, state.ExtendingSince = nil, nil
			return true
		}
	}
	return false
}
