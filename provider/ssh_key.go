package provider

import (
	"fmt"
	"time"

	"github.com/pulumi/pulumi-go-provider/infer"

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
	a.Describe(&k, "A public SSH key of the account. Linux instances let in the keys that their `sshKeyIds` name.\n\n"+
		"Import one by its id, its fingerprint (`SHA256:…`) or its name: `pulumi import "+sshKeyToken+" laptop SHA256:…`.")
}

// SshKeyArgs are the inputs of an SshKey.
type SshKeyArgs struct {
	Name           *string `pulumi:"name,optional"`
	PublicKey      string  `pulumi:"publicKey"`
	AdoptExisting  *bool   `pulumi:"adoptExisting,optional"`
	DetachOnDelete *bool   `pulumi:"detachOnDelete,optional"`
}

// Annotate describes the inputs.
func (k *SshKeyArgs) Annotate(a infer.Annotator) {
	a.Describe(&k.Name, "Name of the key, unique within the account: 1 to 63 letters, digits, spaces, dots, underscores or hyphens. "+
		"By default the resource's name with a random suffix. Can be changed in place.")
	a.Describe(&k.PublicKey, "The public key in OpenSSH's one-line form, such as `ssh-ed25519 AAAA… me@laptop`. The comment is dropped. Changing the key replaces it.")
	a.Describe(&k.AdoptExisting, "Use the key that the account already has, if it has this one, instead of failing: an account has a public key only once, and several programs may want it. "+
		"A key that was adopted (see the output `adopted`) is not this program's own: deleting the resource leaves it in the account. It is renamed only if `name` is given. "+
		"To have it deleted with the resource, import it instead. Matters only when the resource is created.")
	a.Describe(&k.DetachOnDelete, "Before the key is deleted, remove it from every instance that lets it in, also from instances of other programs. "+
		"Without this, deleting a key that instances use is refused, with their names. Connections that are open are not cut. It must be in the state, by `pulumi up`, before `pulumi destroy`.")
}

// SshKeyState is everything Pulumi knows of an SshKey.
type SshKeyState struct {
	SshKeyArgs

	Fingerprint string `pulumi:"fingerprint"`
	CreatedAt   string `pulumi:"createdAt"`
	AccountID   string `pulumi:"accountId"`
	Adopted     *bool  `pulumi:"adopted,optional"` // absent in the state of 0.1.0
}

// Annotate describes the outputs.
func (s *SshKeyState) Annotate(a infer.Annotator) {
	a.Describe(&s.Fingerprint, "SHA-256 fingerprint, as `ssh-keygen -l` prints it. Known at preview.")
	a.Describe(&s.CreatedAt, "When the key was added (RFC 3339).")
	a.Describe(&s.AccountID, "The account that has the key.")
	a.Describe(&s.Adopted, "True if the account had the key before and `adoptExisting` took it over: deleting the resource then leaves the key where it is.")
}

// WireDependencies says that a fingerprint follows from the key alone, and is
// known as soon as the key is.
func (k *SshKey) WireDependencies(f infer.FieldSelector, args *SshKeyArgs, state *SshKeyState) {
	f.OutputField(&state.Fingerprint).DependsOn(f.InputField(&args.PublicKey).Computed())
	if state.Fingerprint != "" {
		f.OutputField(&state.Fingerprint).AlwaysKnown()
	}
}

// describe names a key for a person.
func describe(k pictor.SshKey) string { return fmt.Sprintf("%q (%s)", k.Name, k.Id) }

func (s *SshKeyState) observe(key pictor.SshKey) {
	s.Name = &key.Name
	s.Fingerprint = key.Fingerprint
	s.CreatedAt = key.CreatedAt.Format(time.RFC3339)
	// A service that keeps the comment would make every key look changed, and so
	// would another form of the fingerprint.
	if normal, fingerprint, err := parsePublicKey(key.PublicKey); err == nil {
		s.PublicKey, s.Fingerprint = normal, fingerprint
	}
}
