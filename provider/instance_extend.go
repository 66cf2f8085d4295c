package provider

import (
	"context"
	"fmt"
	"time"

	p "github.com/pulumi/pulumi-go-provider"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// extend adds, and pays for, the hours that the program wants beyond those that
// it has had. After a lost answer the instance's own count tells what happened;
// never its expiry, which a renewal moves too.
func (s *session) extend(ctx context.Context, state *InstanceState, want InstanceArgs) error {
	if err := s.resolveExtension(ctx, state, want); err != nil {
		return err
	}
	hours := value(want.ExtensionHours) - value(state.ExtensionHours)
	if hours <= 0 {
		return nil
	}
	from := state.ExtendedHours
	// The token counts the program's own hours: a run that comes after one that
	// was killed asks with the same one.
	token := fmt.Sprintf("%s-extend-%d-to-%d", state.InstanceID, value(state.ExtensionHours), value(want.ExtensionHours))
	inst, err := s.api.ExtendInstance(ctx, pictor.ID(state.InstanceID), hours, token)
	switch {
	case err == nil:
		state.observe(inst)
		state.count(value(want.ExtensionHours))
		return nil
	case pictor.IsCertain(err):
		return err
	}
	state.ExtendingFrom, state.ExtendingSince = &from, new(s.clock.Now().UTC().Format(time.RFC3339))
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), rentTime)
	defer cancel()
	seen, unseen := s.seeExtension(look, state, want)
	switch {
	case seen:
		return nil
	case unseen == nil && !pictor.IsCode(err, pictor.CodeAmbiguous):
		// Refused, though not in the API's own words.
		state.ExtendingFrom, state.ExtendingSince = nil, nil
		return err
	}
	return fmt.Errorf("it is not known whether instance %s was extended by %d h; the next \"pulumi up\" looks again, and extends it only if it was not and, %s from now, cannot be any more: %w",
		value(state.Name), hours, settledTime, err)
}

// takeLostExtension counts an extension that a run has sent which was killed
// before it could write that down: the instance has grown, since a run wrote the
// state (a refresh does not count), by just the hours that the program wants
// beyond those it has had. An extension made elsewhere looks the same; then too
// nothing is paid twice.
func (s *InstanceState) takeLostExtension(ctx context.Context, before int, want InstanceArgs) {
	hours := value(want.ExtensionHours) - value(s.ExtensionHours)
	if hours <= 0 || s.ExtendingFrom != nil || s.ExtendedHours-before != hours {
		return
	}
	s.count(value(want.ExtensionHours))
	p.GetLogger(ctx).Warningf("instance %s has been extended by %d h since extensionHours was last counted, which is what this program asks for; "+
		"it is taken for that and not paid for again. If somebody else has extended it, and it is to be extended once more, raise extensionHours by %[2]d again",
		value(s.Name), hours)
}

// count writes down which hours of extension are paid for, and what the instance
// itself has counted then. A refresh moves ExtendedHours, and never this.
func (s *InstanceState) count(hours int) {
	s.ExtensionHours, s.CountedHours = &hours, new(s.ExtendedHours)
	s.ExtendingFrom, s.ExtendingSince = nil, nil
}

// carryExtension takes over what an earlier attempt of the same run knows of
// extensions.
func (s *InstanceState) carryExtension(had InstanceState) {
	if value(had.ExtensionHours) > value(s.ExtensionHours) {
		s.ExtensionHours, s.CountedHours = had.ExtensionHours, had.CountedHours
	}
	if s.ExtendingFrom == nil {
		s.ExtendingFrom, s.ExtendingSince = had.ExtendingFrom, had.ExtendingSince
	}
}

// resolveExtension finds out what became of an extension whose answer an earlier
// run has lost. That the count has not grown proves nothing while the request
// may still be carried out.
func (s *session) resolveExtension(ctx context.Context, state *InstanceState, want InstanceArgs) error {
	if state.ExtendingFrom == nil {
		return nil
	}
	if seen, err := s.seeExtension(ctx, state, want); seen || err != nil {
		return err
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
// counts the hours that it has more than before the extension as had: not more
// than the program wants, for the others are somebody else's.
// Its error, when the last read fails, says that nothing is known.
func (s *session) seeExtension(ctx context.Context, state *InstanceState, want InstanceArgs) (seen bool, err error) {
	from, had := *state.ExtendingFrom, value(state.ExtensionHours)
	for _, after := range lookTimes {
		if err := s.clock.Sleep(ctx, after); err != nil {
			return false, err
		}
		err = state.after(s.api.GetInstance(ctx, pictor.ID(state.InstanceID)))
		if err == nil && state.ExtendedHours > from {
			paid := had + state.ExtendedHours - from
			if wanted := value(want.ExtensionHours); wanted > had {
				paid = min(paid, wanted)
			}
			state.count(paid)
			return true, nil
		}
	}
	return false, err
}
