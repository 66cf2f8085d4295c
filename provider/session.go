package provider

import (
	"context"
	"math/rand/v2"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
	"github.com/pulumi-pictor/pulumi-pictor/provider/wait"
)

// session is what the resources of one configured provider share.
type session struct {
	api     *pictor.Client
	offers  *offerCache
	groups  *groups
	account *accountCache
	spend   *spending
	keys    *sshKeyCache
	fresh   *freshOffers
	roster  *wait.Roster
	poller  *wait.Poller
	clock   pictor.Clock
	dialer  Dialer
	rented  rentals
	err     error // why there is no client
}

func newSession(c *Config) *session {
	config := c.client()
	var err error
	if config.Log, err = wireLog(c.options.Getenv); err != nil {
		return &session{err: err}
	}
	api, err := pictor.New(config)
	if err != nil {
		return &session{err: err}
	}
	limit, err := c.spendLimit()
	if err != nil {
		return &session{err: err}
	}
	clock := c.options.Clock
	roster := wait.NewRoster(api, clock)
	return &session{
		api:     api,
		offers:  newOfferCache(api, clock, rand.Float64),
		groups:  newGroups(api),
		account: newAccountCache(api),
		spend:   newSpending(api, clock, limit),
		keys:    newSSHKeyCache(api, clock),
		fresh:   newFreshOffers(api, clock),
		roster:  roster,
		poller:  wait.New(roster, clock, rand.Float64),
		clock:   clock,
		dialer:  c.options.Dialer,
	}
}

// sessionOf is the session of the provider that serves a request. Its error is
// the configuration's: a provider whose key is not known yet, in a preview, is
// configured without one and fails only when it is really needed.
func sessionOf(ctx context.Context) (*session, error) {
	s := infer.GetConfig[*Config](ctx).session
	if s == nil {
		return nil, infer.ProviderErrorf("the provider was used before it was configured")
	}
	if s.api != nil {
		s.api.Hide(secretsOf(ctx)...)
	}
	return s, s.err
}
