package provider

import (
	"context"
	"time"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// AccountSshKey is an SSH key as the functions return it.
type AccountSshKey struct {
	ID          string `pulumi:"sshKeyId"`
	Name        string `pulumi:"name"`
	PublicKey   string `pulumi:"publicKey"`
	Fingerprint string `pulumi:"fingerprint"`
	CreatedAt   string `pulumi:"createdAt"`
}

// Annotate describes a key.
func (k *AccountSshKey) Annotate(a infer.Annotator) {
	a.Describe(&k, "A public SSH key of the account.")
	a.Describe(&k.ID, "The key's id, for an instance's `sshKeyIds`.")
	a.Describe(&k.Name, "Its name.")
	a.Describe(&k.PublicKey, "The public key in OpenSSH's one-line form.")
	a.Describe(&k.Fingerprint, "SHA-256 fingerprint, as `ssh-keygen -l` prints it.")
	a.Describe(&k.CreatedAt, "When it was added (RFC 3339).")
}

func accountSSHKeyOf(k pictor.SshKey) AccountSshKey {
	return AccountSshKey{
		ID: string(k.Id), Name: k.Name, PublicKey: k.PublicKey, Fingerprint: k.Fingerprint,
		CreatedAt: k.CreatedAt.Format(time.RFC3339),
	}
}

// GetSshKeys lists the account's keys.
type GetSshKeys struct{}

// Annotate describes the function.
func (g *GetSshKeys) Annotate(a infer.Annotator) {
	a.Describe(&g, "Every SSH key of the account, the oldest first.")
}

// GetSshKeysArgs is empty.
type GetSshKeysArgs struct{}

// GetSshKeysResult is what GetSshKeys returns.
type GetSshKeysResult struct {
	SSHKeys []AccountSshKey `pulumi:"sshKeys"`
}

// Annotate describes the result.
func (g *GetSshKeysResult) Annotate(a infer.Annotator) {
	a.Describe(&g.SSHKeys, "The keys, the oldest first.")
}

// Invoke asks the service.
func (*GetSshKeys) Invoke(ctx context.Context, _ infer.FunctionRequest[GetSshKeysArgs]) (infer.FunctionResponse[GetSshKeysResult], error) {
	return ask(ctx, func(s *session) (GetSshKeysResult, error) {
		keys, err := s.api.ListSshKeys(ctx)
		return GetSshKeysResult{SSHKeys: each(keys, accountSSHKeyOf)}, err
	})
}
