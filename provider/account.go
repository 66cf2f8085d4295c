package provider

import (
	"context"
	"sync"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// accountCache reads the account once: a key belongs to one for good, and the
// balance before a program is what its preview is held against.
type accountCache struct {
	api *pictor.Client

	mu      sync.Mutex
	account *pictor.Account
	planned pictor.Credits // what the preview would pay so far
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
	c.mu.Lock()
	defer c.mu.Unlock()
	account, err := c.read(ctx)
	return string(account.Id), err
}

// plan adds what a preview would pay, and tells how much that makes in all and
// what there is.
func (c *accountCache) plan(ctx context.Context, cost pictor.Credits) (planned, balance pictor.Credits, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	account, err := c.read(ctx)
	c.planned += cost
	return c.planned, account.Balance, err
}
