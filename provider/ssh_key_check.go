package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-go-provider/infer"
	"golang.org/x/crypto/ssh"
)

// Check refuses what is no public key, brings one into the form in which the
// account keeps it, and chooses the name.
func (*SshKey) Check(ctx context.Context, req infer.CheckRequest) (infer.CheckResponse[SshKeyArgs], error) {
	args, failures, err := infer.DefaultCheck[SshKeyArgs](ctx, req.NewInputs)
	if err != nil || len(failures) > 0 {
		return infer.CheckResponse[SshKeyArgs]{Inputs: args, Failures: failures}, err
	}
	args.Name = checkedName(req, args.Name)
	c := checker{inputs: req.NewInputs}
	c.name(args.Name)
	if !req.NewInputs.Get("publicKey").HasComputed() {
		if normal, _, err := parsePublicKey(args.PublicKey); err != nil {
			c.fail("publicKey", "%v", err)
		} else {
			args.PublicKey = normal
		}
	}
	return infer.CheckResponse[SshKeyArgs]{Inputs: args, Failures: c.failures}, nil
}

// parsePublicKey gives a key in OpenSSH's one-line form without its comment,
// and its fingerprint.
func parsePublicKey(text string) (normal, fingerprint string, err error) {
	if strings.Contains(text, "PRIVATE KEY") {
		return "", "", fmt.Errorf("this is a private key; give the public one, from the file that ends in .pub")
	}
	key, _, _, rest, err := ssh.ParseAuthorizedKey([]byte(text))
	if err != nil {
		return "", "", fmt.Errorf("must be a public key in OpenSSH's one-line form, such as \"ssh-ed25519 AAAA… me@laptop\"")
	}
	if strings.TrimSpace(string(rest)) != "" {
		return "", "", fmt.Errorf("must be one key, not several")
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))), ssh.FingerprintSHA256(key), nil
}
