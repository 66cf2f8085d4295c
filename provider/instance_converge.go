package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	p "github.com/pulumi/pulumi-go-provider"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
	"github.com/pulumi-pictor/pulumi-pictor/provider/wait"
)

// converge makes an instance what the program wants, step by step, and keeps
// state at what was reached, also when a step fails: create and update are the
// same work from different beginnings.
func (s *session) converge(ctx context.Context, state *InstanceState, want InstanceArgs) error {
	if value(want.WaitFor) == waitForSSH && state.SSHHostKey == nil {
		state.WaitFor = nil // until SSH has answered (see awaitsSSH)
	}
	if err := s.settle(ctx, state, state.startingPoints(want)...); err != nil {
		return err
	}
	for _, step := range []func(context.Context, *InstanceState, InstanceArgs) error{
		s.rename, s.setAutoRenew, s.setSSHKeys, s.extend, s.move, s.reach,
	} {
		if err := step(ctx, state, want); err != nil {
			return err
		}
	}
	state.record(want)
	return nil
}

// startingPoints are the statuses in which an instance can be worked on: up or
// down, or whatever it is if the program does not wait and nothing is to change.
func (s *InstanceState) startingPoints(want InstanceArgs) []pictor.InstanceStatus {
	settled := []pictor.InstanceStatus{pictor.StatusRunning, pictor.StatusStopped}
	if value(want.WaitFor) == waitForNone && !s.needsWork(want) {
		return append(settled, pictor.InstanceStatus(s.Status))
	}
	return settled
}

// needsWork tells whether something is to change that an instance on its way
// might refuse.
func (s *InstanceState) needsWork(want InstanceArgs) bool {
	return want.Name != nil && value(s.Name) != *want.Name ||
		value(s.AutoRenew) != value(want.AutoRenew) ||
		!sameSet(s.SSHKeyIDs, want.SSHKeyIDs) ||
		s.ExtendingFrom != nil || value(want.ExtensionHours) > value(s.ExtensionHours) ||
		value(want.DesiredStatus) != value(desiredStatus(pictor.InstanceStatus(s.Status), new(string(pictor.StatusRunning))))
}

// tellTime is after how long a wait says again what it waits for.
const tellTime = 15 * time.Second

// settle waits until the instance has one of the statuses, and fails when it
// has ended. A status that it does not know it takes for one on the way.
func (s *session) settle(ctx context.Context, state *InstanceState, statuses ...pictor.InstanceStatus) error {
	began := s.clock.Now()
	told := began
	var trouble error
	arrived := func() (bool, error) {
		status := pictor.InstanceStatus(state.Status)
		if hasEnded(status) {
			return true, state.ended()
		}
		return slices.Contains(statuses, status), nil
	}
	if done, err := arrived(); done {
		return err
	}
	err := s.poller.Until(ctx, pictor.ID(state.InstanceID), func(o wait.Observation) (bool, error) {
		switch {
		case pictor.IsCode(o.Err, pictor.CodeUnauthorized, pictor.CodeForbidden):
			return true, o.Err
		case o.Err != nil:
			trouble = o.Err // the next tick may see more
			return false, nil
		case o.Instance == nil && s.isListed(ctx, state):
			return false, nil
		case o.Instance == nil:
			return true, fmt.Errorf("instance %s (%s) was deleted by somebody else while it was waited for; run \"pulumi refresh\"", value(state.Name), state.InstanceID)
		}
		trouble = nil
		before := state.Status
		state.observe(*o.Instance)
		if now := s.clock.Now(); state.Status != before || now.Sub(told) >= tellTime {
			told = now
			p.GetLogger(ctx).InfoStatusf("%s after %s, %s credits so far", state.Status, s.since(began), state.CostSoFar)
		}
		return arrived()
	})
	if ctxErr := ctx.Err(); ctxErr != nil && errors.Is(err, ctxErr) {
		return fmt.Errorf("the wait for instance %s (%s) was broken off (%w) while it was %s; it is rented and has cost %s credits so far: "+
			"the next \"pulumi up\" goes on waiting%s", value(state.Name), state.InstanceID, ctxErr, state.Status, state.CostSoFar, because(trouble))
	}
	return err
}

// isListed looks more than once whether an instance that a look did not find is
// there: one that is new need not be known everywhere yet. What cannot be seen
// counts as there.
func (s *session) isListed(ctx context.Context, state *InstanceState) bool {
	inst, err := s.findListed(ctx, pictor.ID(state.InstanceID), state.AccountID)
	return inst != nil || err != nil
}

func because(trouble error) string {
	if trouble == nil {
		return ""
	}
	return fmt.Sprintf("; the last look at it failed: %v", trouble)
}

// ended is the error that an instance which will never run again is.
func (s *InstanceState) ended() error {
	reason := s.StatusReason
	if reason == "" {
		reason = "Pictor gives no reason"
	}
	return fmt.Errorf("instance %s (%s) is %s: %s; it has cost %s credits, and its storage goes on costing until it is deleted: "+
		"the next \"pulumi up\" replaces it, \"pulumi destroy\" deletes it", value(s.Name), s.InstanceID, s.Status, reason, s.CostSoFar)
}

func (s *session) rename(ctx context.Context, state *InstanceState, want InstanceArgs) error {
	if want.Name == nil || value(state.Name) == *want.Name {
		return nil
	}
	return state.after(s.api.RenameInstance(ctx, pictor.ID(state.InstanceID), *want.Name))
}

func (s *session) setAutoRenew(ctx context.Context, state *InstanceState, want InstanceArgs) error {
	if value(state.AutoRenew) == value(want.AutoRenew) {
		return nil
	}
	return state.after(s.api.SetAutoRenew(ctx, pictor.ID(state.InstanceID), value(want.AutoRenew)))
}

func (s *session) setSSHKeys(ctx context.Context, state *InstanceState, want InstanceArgs) error {
	if sameSet(state.SSHKeyIDs, want.SSHKeyIDs) {
		return nil
	}
	return state.after(s.api.SetInstanceSshKeys(ctx, pictor.ID(state.InstanceID), pictorIDs(want.SSHKeyIDs)))
}

// after takes what a change answered into the state.
func (s *InstanceState) after(inst pictor.Instance, err error) error {
	if err == nil {
		s.observe(inst)
	}
	return err
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// move starts or stops the instance. That it is in the wrong state for that may
// mean that an earlier request did it, so the status is what counts.
func (s *session) move(ctx context.Context, state *InstanceState, want InstanceArgs) error {
	target := pictor.InstanceStatus(value(want.DesiredStatus))
	if target == "" || pictor.InstanceStatus(state.Status) == target {
		return nil
	}
	if !isSettled(pictor.InstanceStatus(state.Status)) {
		return nil // it is on its way there, and is not waited for
	}
	change := s.api.StartInstance
	if target == pictor.StatusStopped {
		change = s.api.StopInstance
	}
	if err := state.after(change(ctx, pictor.ID(state.InstanceID))); err != nil && !pictor.IsCode(err, pictor.CodeWrongState) {
		return err
	}
	if value(want.WaitFor) == waitForNone {
		return nil
	}
	return s.settle(ctx, state, target)
}
