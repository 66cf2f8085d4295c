package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"golang.org/x/crypto/ssh"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

const sshKeyToken = Name + ":index:SshKey"

// SshKey is a public key of the account.
type SshKey struct{}

var (
	_ infer.CustomResource[SshKeyArgs, SshKeyState] = (*SshKey)(nil)
	_ infer.CustomCheck[SshKeyArgs]                 = (*SshKey)(nil)
	_ infer.CustomRead[SshKeyArgs, SshKeyState]     = (*SshKey)(nil)
	_ infer.CustomUpdate[SshKeyArgs, SshKeyState]   = (*SshKey)(nil)
	_ infer.CustomDelete[SshKeyState]               = (*SshKey)(nil)
)

// Annotate describes the resource.
func (k *SshKey) Annotate(a infer.Annotator) {
	a.Describe(&k, "A public SSH key of the account. Linux instances let in the keys that their `sshKeyIds` name.")
}

// SshKeyArgs are the inputs of an SshKey.
type SshKeyArgs struct {
	Name      *string `pulumi:"name,optional"`
	PublicKey string  `pulumi:"publicKey"`
}

// Annotate describes the inputs.
func (k *SshKeyArgs) Annotate(a infer.Annotator) {
	a.Describe(&k.Name, "Name of the key, unique within the account: 1 to 63 letters, digits, spaces, dots, underscores or hyphens. "+
		"By default the resource's name with a random suffix. Can be changed in place.")
	a.Describe(&k.PublicKey, "The public key in OpenSSH's one-line form, such as `ssh-ed25519 AAAA… me@laptop`. The comment is dropped. Changing the key replaces it.")
}

// SshKeyState is everything Pulumi knows of an SshKey.
type SshKeyState struct {
	SshKeyArgs

	Fingerprint string `pulumi:"fingerprint"`
	CreatedAt   string `pulumi:"createdAt"`
	AccountID   string `pulumi:"accountId"`
}

// Annotate describes the outputs.
func (s *SshKeyState) Annotate(a infer.Annotator) {
	a.Describe(&s.Fingerprint, "SHA-256 fingerprint, as `ssh-keygen -l` prints it. Known at preview.")
	a.Describe(&s.CreatedAt, "When the key was added (RFC 3339).")
	a.Describe(&s.AccountID, "The account that has the key.")
}

// WireDependencies says that a fingerprint follows from the key alone, and is
// known as soon as the key is.
func (k *SshKey) WireDependencies(f infer.FieldSelector, args *SshKeyArgs, state *SshKeyState) {
	f.OutputField(&state.Fingerprint).DependsOn(f.InputField(&args.PublicKey).Computed())
	if state.Fingerprint != "" {
		f.OutputField(&state.Fingerprint).AlwaysKnown()
	}
}

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

// diffSshKey replaces a key that has become another one and renames otherwise.
// With a name of the program's own, the old key must go before the new one comes.
func diffSshKey(req p.DiffRequest) p.DiffResponse {
	diff := changed(req.OldInputs, req.Inputs)
	if _, differs := diff["publicKey"]; differs {
		diff["publicKey"] = p.PropertyDiff{Kind: p.UpdateReplace, InputDiff: true}
	}
	return p.DiffResponse{HasChanges: len(diff) > 0, DetailedDiff: diff, DeleteBeforeReplace: keepsOwnName(req)}
}

// Create adds the key. It costs nothing; a lost answer is resolved by the
// fingerprint, which an account has only once.
func (*SshKey) Create(ctx context.Context, req infer.CreateRequest[SshKeyArgs]) (infer.CreateResponse[SshKeyState], error) {
	state := SshKeyState{SshKeyArgs: req.Inputs}
	if req.DryRun {
		if known(ctx, "publicKey") {
			_, state.Fingerprint, _ = parsePublicKey(req.Inputs.PublicKey)
		}
		return infer.CreateResponse[SshKeyState]{Output: state}, nil
	}
	s, err := sessionOf(ctx)
	if err != nil {
		return infer.CreateResponse[SshKeyState]{}, err
	}
	if state.AccountID, err = s.account.accountID(ctx); err != nil {
		return infer.CreateResponse[SshKeyState]{}, err
	}
	_, fingerprint, err := parsePublicKey(req.Inputs.PublicKey)
	if err != nil {
		return infer.CreateResponse[SshKeyState]{}, err
	}
	if had, err := s.findSSHKey(ctx, fingerprint); err != nil {
		return infer.CreateResponse[SshKeyState]{}, err
	} else if had != nil {
		return infer.CreateResponse[SshKeyState]{}, fmt.Errorf("the account already has this key as %q (%s): take it over with\n  pulumi import %s RESOURCE_NAME %s",
			had.Name, had.Id, sshKeyToken, had.Id)
	}
	key, err := s.api.CreateSshKey(ctx, pictor.SshKeyCreate{Name: value(req.Inputs.Name), PublicKey: req.Inputs.PublicKey})
	if pictor.IsCode(err, pictor.CodeAmbiguous) {
		look, cancel := context.WithTimeout(context.WithoutCancel(ctx), rentTime)
		defer cancel()
		if had, lookErr := s.findSSHKey(look, fingerprint); lookErr == nil && had != nil {
			key, err = *had, nil
		}
	}
	if err != nil {
		return infer.CreateResponse[SshKeyState]{}, err
	}
	state.observe(key)
	return infer.CreateResponse[SshKeyState]{ID: string(key.Id), Output: state}, nil
}

// findSSHKey is the account's key with a fingerprint, nil if it has none.
func (s *session) findSSHKey(ctx context.Context, fingerprint string) (*pictor.SshKey, error) {
	keys, err := s.api.ListSshKeys(ctx)
	if err != nil {
		return nil, err
	}
	for i := range keys {
		if keys[i].Fingerprint == fingerprint {
			return &keys[i], nil
		}
	}
	return nil, nil
}

// Update renames the key.
func (*SshKey) Update(ctx context.Context, req infer.UpdateRequest[SshKeyArgs, SshKeyState]) (infer.UpdateResponse[SshKeyState], error) {
	state := req.State
	state.SshKeyArgs = req.Inputs
	if req.DryRun {
		return infer.UpdateResponse[SshKeyState]{Output: state}, nil
	}
	s, err := sessionOf(ctx)
	if err != nil {
		return infer.UpdateResponse[SshKeyState]{}, err
	}
	key, err := s.api.RenameSshKey(ctx, pictor.ID(req.ID), value(req.Inputs.Name))
	if err != nil {
		return infer.UpdateResponse[SshKeyState]{}, err
	}
	state.observe(key)
	return infer.UpdateResponse[SshKeyState]{Output: state}, nil
}

// Read refreshes a key, or imports one by id.
func (*SshKey) Read(ctx context.Context, req infer.ReadRequest[SshKeyArgs, SshKeyState]) (infer.ReadResponse[SshKeyArgs, SshKeyState], error) {
	s, err := sessionOf(ctx)
	if err != nil {
		return infer.ReadResponse[SshKeyArgs, SshKeyState]{}, err
	}
	state := req.State
	key, err := s.readSSHKey(ctx, req.ID, &state)
	if err != nil || key == nil {
		return infer.ReadResponse[SshKeyArgs, SshKeyState]{}, err
	}
	state.observe(*key)
	return infer.ReadResponse[SshKeyArgs, SshKeyState]{ID: string(key.Id), Inputs: state.SshKeyArgs, State: state}, nil
}

// readSSHKey is a key, or nil when its absence is proven (see session.find).
func (s *session) readSSHKey(ctx context.Context, id string, state *SshKeyState) (*pictor.SshKey, error) {
	key, missing := s.api.GetSshKey(ctx, pictor.ID(id))
	if missing != nil && !pictor.IsGone(missing) {
		return nil, missing
	}
	account, err := s.account.accountID(ctx)
	if err != nil {
		return nil, err
	}
	if state.AccountID == "" {
		state.AccountID = account
	}
	if missing == nil {
		return &key, nil
	}
	if state.AccountID != account {
		return nil, fmt.Errorf("SSH key %s belongs to account %s, and the API key to account %s: use a key of the SSH key's account", id, state.AccountID, account)
	}
	keys, err := s.api.ListSshKeys(ctx)
	if err != nil {
		return nil, err
	}
	for i := range keys {
		if string(keys[i].Id) == id {
			return &keys[i], nil
		}
	}
	return nil, nil
}

// Delete removes the key from the account.
func (*SshKey) Delete(ctx context.Context, req infer.DeleteRequest[SshKeyState]) (infer.DeleteResponse, error) {
	s, err := sessionOf(ctx)
	if err != nil {
		return infer.DeleteResponse{}, err
	}
	err = s.api.DeleteSshKey(ctx, pictor.ID(req.ID))
	if pictor.IsGone(err) {
		var key *pictor.SshKey
		if key, err = s.readSSHKey(ctx, req.ID, &req.State); err == nil && key != nil {
			err = fmt.Errorf("SSH key %s (%s) cannot be removed, though the account has it: try again", key.Name, key.Id)
		}
	}
	return infer.DeleteResponse{}, err
}

func (s *SshKeyState) observe(key pictor.SshKey) {
	s.Name = &key.Name
	s.Fingerprint = key.Fingerprint
	s.CreatedAt = key.CreatedAt.Format(time.RFC3339)
	// A service that keeps the comment would make every key look changed.
	if normal, _, err := parsePublicKey(key.PublicKey); err == nil {
		s.PublicKey = normal
	}
}
