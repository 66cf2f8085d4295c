package provider

import (
	"context"
	"fmt"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// A 404 proves nothing by itself: another account's key, a wrong base path, a
// proxy and a replica that lags behind answer it too, while the machine costs
// money. Absence is proven by the API's own word, together with complete lists
// of all that the same account has, which do not have it either. An account is
// known by its id: should one begin anew under the same id, as only a simulator
// without a data file does, what it does not have any more counts as deleted.

// findListed looks for an instance in the complete list, several times because a
// list can be stale. It is nil only when none has it and the API key is one of
// the account that has rented it, still: the service behind an endpoint can
// become another one meanwhile.
func (s *session) findListed(ctx context.Context, id pictor.ID, owner string) (*pictor.Instance, error) {
	for _, after := range lookTimes {
		if err := s.clock.Sleep(ctx, after); err != nil {
			return nil, err
		}
		instances, err := s.api.ListInstances(ctx, pictor.InstanceFilter{})
		if err != nil {
			return nil, fmt.Errorf("instance %s was not found, which proves nothing, so it stays in the state: %w", id, err)
		}
		for i := range instances {
			if instances[i].Id == id {
				return &instances[i], nil
			}
		}
	}
	return nil, s.sameAccount(ctx, "instance "+string(id), owner)
}

// sameAccount refuses to draw conclusions from what another account does not
// have. It asks anew: an account that was read before need not be the one that
// answers now.
func (s *session) sameAccount(ctx context.Context, what, owner string) error {
	account, err := s.api.GetAccount(ctx)
	if err != nil {
		return fmt.Errorf("%s was not found, which proves nothing while it is not known whose account this is; it stays in the state: %w", what, err)
	}
	if owner != "" && owner != string(account.Id) {
		return fmt.Errorf("%s belongs to account %s, and the API key to account %s: use a key of the account that has it", what, owner, account.Id)
	}
	return nil
}

// unproven is the error of a 404 without words: what is not found so stays in the
// state.
func (s *session) unproven(ctx context.Context, what, owner string, missing error) error {
	if err := s.sameAccount(ctx, what, owner); err != nil {
		return err
	}
	return fmt.Errorf("%s stays in the state: it was not found, but not by the API's own word, so that it may still be there and cost money: %w. "+
		"If PICTOR_ENDPOINT is right and the Pictor App shows that it is gone, drop it with \"pulumi state delete\"", what, missing)
}
