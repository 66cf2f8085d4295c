package engine

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/ssh"
)

// SSHKey is a public key of the account.
type SSHKey struct {
	ID          string
	Name        string
	PublicKey   string // OpenSSH's one-line form, without the comment
	Fingerprint string // "SHA256:…"
	CreatedAt   time.Time
}

type sshKeys struct {
	keys []*SSHKey
	used map[string]int // how often a fingerprint was added
}

// AddSSHKey adds a public key in OpenSSH's one-line form to the account.
func (w *World) AddSSHKey(name, publicKey string) (SSHKey, error) {
	key, err := w.newSSHKey(name, publicKey)
	if err != nil {
		return SSHKey{}, err
	}
	if w.sshKeys.used == nil {
		w.sshKeys.used = map[string]int{}
	}
	key.ID = drawID(w.seed, "key", key.Fingerprint, w.sshKeys.used[key.Fingerprint])
	w.sshKeys.used[key.Fingerprint]++
	w.sshKeys.keys = append(w.sshKeys.keys, &key)
	return key, nil
}

// CheckSSHKey is the validation error that AddSSHKey would answer with, if any,
// with every bad field at once.
func (w *World) CheckSSHKey(name, publicKey string) error {
	_, err := w.newSSHKey(name, publicKey)
	return err
}

// newSSHKey is the key that is going to be added, still without an id.
func (w *World) newSSHKey(name, publicKey string) (SSHKey, error) {
	bad := Fields{}
	w.checkKeyName(bad, name, nil)
	key := SSHKey{Name: name, CreatedAt: w.now}
	publicKey = strings.TrimSpace(publicKey)
	// The parser skips lines that are no key, and this is to be one line.
	parsed, _, _, _, err := ssh.ParseAuthorizedKey([]byte(publicKey))
	switch {
	case err != nil:
		bad.Add("public_key", "must be a public key in OpenSSH's one-line form, such as \"ssh-ed25519 AAAA…\"")
	case strings.ContainsAny(publicKey, "\r\n"):
		bad.Add("public_key", "must be one key, not several")
	default:
		key.PublicKey = strings.TrimSpace(string(ssh.MarshalAuthorizedKey(parsed)))
		key.Fingerprint = ssh.FingerprintSHA256(parsed)
		for _, k := range w.sshKeys.keys {
			if k.Fingerprint == key.Fingerprint {
				bad.Add("public_key", "the account already has this key as %q (%s)", k.Name, k.ID)
			}
		}
	}
	return key, bad.Err()
}

func (w *World) checkKeyName(bad Fields, name string, self *SSHKey) {
	if name == "" || utf8.RuneCountInString(name) > 63 {
		bad.Add("name", "must have 1 to 63 characters")
	}
	for _, k := range w.sshKeys.keys {
		if k != self && k.Name == name {
			bad.Add("name", "has already been taken")
		}
	}
}

func (w *World) sshKey(id string) (*SSHKey, error) {
	for _, k := range w.sshKeys.keys {
		if k.ID == id {
			return k, nil
		}
	}
	return nil, notFound("SSH key", id)
}

// SSHKeys has every SSH key, oldest first.
func (w *World) SSHKeys() []SSHKey {
	keys := make([]SSHKey, len(w.sshKeys.keys))
	for i, k := range w.sshKeys.keys {
		keys[i] = *k
	}
	return keys
}

// SSHKey finds a key by its id.
func (w *World) SSHKey(id string) (SSHKey, error) {
	k, err := w.sshKey(id)
	if err != nil {
		return SSHKey{}, err
	}
	return *k, nil
}

// RenameSSHKey gives a key another name.
func (w *World) RenameSSHKey(id, name string) (SSHKey, error) {
	k, err := w.sshKey(id)
	if err != nil {
		return SSHKey{}, err
	}
	bad := Fields{}
	w.checkKeyName(bad, name, k)
	if err := bad.Err(); err != nil {
		return SSHKey{}, err
	}
	k.Name = name
	return *k, nil
}

// DeleteSSHKey removes a key that no instance uses.
func (w *World) DeleteSSHKey(id string) error {
	k, err := w.sshKey(id)
	if err != nil {
		return err
	}
	var users []string
	for _, inst := range w.instances.ordered {
		if slices.Contains(inst.SSHKeyIDs, id) {
			users = append(users, inst.Name)
		}
	}
	if len(users) > 0 {
		return &Error{Code: CodeWrongState, Message: "SSH key " + k.Name + " is used by: " + strings.Join(users, ", ")}
	}
	w.sshKeys.keys = slices.DeleteFunc(w.sshKeys.keys, func(x *SSHKey) bool { return x == k })
	return nil
}

// checkSSHKeys notes ids that the account does not have.
func (w *World) checkSSHKeys(bad Fields, ids []string) {
	for _, id := range ids {
		if _, err := w.sshKey(id); err != nil {
			bad.Add("ssh_key_ids", "%q is not an SSH key of this account", id)
		}
	}
}
