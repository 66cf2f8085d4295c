package provider

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi-go-provider/infer"
)

// GetSshKey finds one key.
type GetSshKey struct{}

// Annotate describes the function.
func (g *GetSshKey) Annotate(a infer.Annotator) {
	a.Describe(&g, "One SSH key of the account, by its id, its name or its fingerprint.")
}

// GetSshKeyArgs says which.
type GetSshKeyArgs struct {
	ID          *string `pulumi:"sshKeyId,optional"`
	Name        *string `pulumi:"name,optional"`
	Fingerprint *string `pulumi:"fingerprint,optional"`
}

// Annotate describes the arguments.
func (g *GetSshKeyArgs) Annotate(a infer.Annotator) {
	a.Describe(&g.ID, "The key's id.")
	a.Describe(&g.Name, "The key's name.")
	a.Describe(&g.Fingerprint, "The key's SHA-256 fingerprint. What is given must all fit.")
}

// Invoke asks the service.
func (*GetSshKey) Invoke(ctx context.Context, req infer.FunctionRequest[GetSshKeyArgs]) (infer.FunctionResponse[AccountSshKey], error) {
	in := req.Input
	if value(in.ID) == "" && value(in.Name) == "" && value(in.Fingerprint) == "" {
		return infer.FunctionResponse[AccountSshKey]{}, fmt.Errorf("getSshKey takes an sshKeyId, a name or a fingerprint")
	}
	fits := func(want *string, has string) bool { return value(want) == "" || *want == has }
	return ask(ctx, func(s *session) (AccountSshKey, error) {
		keys, err := s.api.ListSshKeys(ctx)
		if err != nil {
			return AccountSshKey{}, err
		}
		for _, k := range keys {
			if fits(in.ID, string(k.Id)) && fits(in.Name, k.Name) && fits(in.Fingerprint, k.Fingerprint) {
				return accountSSHKeyOf(k), nil
			}
		}
		return AccountSshKey{}, fmt.Errorf("none of the account's %d SSH keys fits; see getSshKeys for what there is", len(keys))
	})
}
