package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	p "github.com/pulumi/pulumi-go-provider"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// sshKeyCache shares one list of the account's SSH keys between the previews of
// resources.
type sshKeyCache struct {
	api   *pictor.Client
	clock pictor.Clock

	turn turn
	keys []pictor.SshKey
	read time.Time
}

func newSSHKeyCache(api *pictor.Client, clock pictor.Clock) *sshKeyCache {
	return &sshKeyCache{api: api, clock: clock, turn: newTurn()}
}

func (c *sshKeyCache) list(ctx context.Context) ([]pictor.SshKey, error) {
	if err := c.turn.take(ctx, "the SSH keys"); err != nil {
		return nil, err
	}
	defer c.turn.leave()
	if c.read.IsZero() || c.clock.Now().Sub(c.read) > offersTime {
		keys, err := c.api.ListSshKeys(ctx)
		if err != nil {
			return nil, err
		}
		c.keys, c.read = keys, c.clock.Now()
	}
	return c.keys, nil
}

// previewSSHKeys refuses ids of SSH keys that the account does not have. A list
// that cannot be read refuses nothing: the service knows when it is asked.
func (s *session) previewSSHKeys(ctx context.Context, ids []string) error {
	if len(ids) == 0 || !known(ctx, "sshKeyIds") {
		return nil
	}
	keys, err := s.keys.list(ctx)
	if err != nil {
		return nil
	}
	for _, id := range ids {
		if slices.ContainsFunc(keys, func(k pictor.SshKey) bool { return strings.EqualFold(string(k.Id), id) }) {
			continue
		}
		return fmt.Errorf("sshKeyIds: the account has no SSH key with the id %q%s; nothing was changed: take the id of an SshKey, or one that getSshKeys tells", id, sshKeyHint(id, keys))
	}
	return nil
}

// sshKeyHint helps whoever has taken another property of a key for its id.
func sshKeyHint(given string, keys []pictor.SshKey) string {
	for _, k := range keys {
		if given == k.Name || given == k.Fingerprint {
			return fmt.Sprintf(" (%s has the id %s)", given, k.Id)
		}
	}
	return ""
}

// previewSSHKey warns of a public key that the account has already. What a
// replacement deletes first may be the one that has it, so that it is no error.
func (s *session) previewSSHKey(ctx context.Context, args SshKeyArgs) {
	_, fingerprint, err := parsePublicKey(args.PublicKey)
	if err != nil || value(args.AdoptExisting) || !known(ctx, "publicKey", "adoptExisting") {
		return
	}
	keys, _ := s.keys.list(ctx)
	if had := sshKeyWith(fingerprint, keys); had != nil {
		p.GetLogger(ctx).Warningf("the account already has this public key as %s: \"pulumi up\" refuses to add it again. Use it with adoptExisting: true, or take it over with\n  pulumi import %s %s %s",
			describe(*had), sshKeyToken, requestOf(ctx).urn.Name(), had.Id)
	}
}
