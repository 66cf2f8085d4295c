package provider

import (
	"context"
	"sync"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// accountCache asks once whose the API key is: a key belongs to one account for
// good.
type accountCache struct {
	api *pictor.Client

	mu sync.Mutex
	id string
}

func (c *accountCache) accountID(ctx context.Context) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.id == "" {
		account, err := c.api.GetAccount(ctx)
		if err != nil {
			return "", err
		}
		c.id = string(account.Id)
	}
	return c.id, nil
}
