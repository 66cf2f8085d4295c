package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// accountCache reads the account once: a key belongs to one for good, and the
// balance before a program is what its preview is held against.
type accountCache struct {
	api *pictor.Client

	turn     turn
	account  *pictor.Account
	planned  map[resource.URN]plan
	replaced map[resource.URN]pictor.Credits // what replacements will cost whose old machines are deleted first
}

// plan is what a resource of a preview would pay.
type plan struct {
	now     pictor.Credits // at once
	renewal pictor.Credits // until and with the next renewal, if there is one
}

func newAccountCache(api *pictor.Client) *accountCache {
	return &accountCache{api: api, turn: newTurn(), planned: map[resource.URN]plan{}, replaced: map[resource.URN]pictor.Credits{}}
}

func (c *accountCache) read(ctx context.Context) (pictor.Account, error) {
	if c.account == nil {
		account, err := c.api.GetAccount(ctx)
		if err != nil {
			return pictor.Account{}, err
		}
		c.account = &account
	}
	return *c.account, nil
}

func (c *accountCache) accountID(ctx context.Context) (string, error) {
	if err := c.turn.take(ctx, "the account"); err != nil {
		return "", err
	}
	defer c.turn.leave()
	account, err := c.read(ctx)
	return string(account.Id), err
}

// errSpareKey refuses to rent. What exists the spare key may look after: it proves
// by the account's id whose it is. What is new would be whosever the key is.
var errSpareKey = errors.New("the service refuses the API key of the provider's configuration; PICTOR_API_KEY, which is taken in its place for what exists, may be another account's: " +
	"nothing was rented; put the key that is to pay into the configuration, for that of a stack with\n  pulumi config set --secret pictor:apiKey KEY")

// mayRent tells whether the key that is in use is the one that the program gives.
func (c *accountCache) mayRent() error {
	if c.api.UsesSpareKey() {
		return errSpareKey
	}
	return nil
}

// plan notes what the preview of this request's resource would pay, and tells
// how much that makes in all and what there is.
func (c *accountCache) plan(ctx context.Context, cost plan) (all plan, balance pictor.Credits, err error) {
	if err := c.turn.take(ctx, "the account"); err != nil {
		return plan{}, 0, err
	}
	defer c.turn.leave()
	account, err := c.read(ctx)
	c.planned[requestOf(ctx).urn] = cost
	for _, p := range c.planned {
		all.now += p.now
		all.renewal += p.renewal
	}
	return all, account.Balance, err
}

// replace refuses a replacement that the balance does not carry, before the old
// machine is deleted.
func (c *accountCache) replace(ctx context.Context, cost pictor.Credits) error {
	if err := c.turn.take(ctx, "the account"); err != nil {
		return err
	}
	defer c.turn.leave()
	account, err := c.api.GetAccount(ctx)
	if err != nil {
		return err
	}
	urn, left := requestOf(ctx).urn, account.Balance
	for other, price := range c.replaced {
		if other != urn {
			left -= price
		}
	}
	if cost > left {
		return fmt.Errorf("the replacement costs %s credits in advance, and %s are left: top up under Payment & Billing of the Pictor App", cost, left)
	}
	c.replaced[urn] = cost
	return nil
}

// rented ends what replace has begun: the balance shows by now what was paid.
func (c *accountCache) rented(ctx context.Context) {
	c.turn.insist()
	defer c.turn.leave()
	delete(c.replaced, requestOf(ctx).urn)
}
