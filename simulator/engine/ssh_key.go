package engine

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tidwall/btree"
	"golang.org/x/crypto/ssh"
)

// SSHKey is a public key of the account.
type SSHKey struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	PublicKey   string    `json:"public_key"`  // OpenSSH's one-line form, without the comment
	Fingerprint string    `json:"fingerprint"` // "SHA256:…"
	CreatedAt   time.Time `json:"created_at"`
	Ordinal     int64     `json:"ordinal"` // place in the order in which they were added
}

type sshKeys struct {
	ordered *btree.Map[int64, SSHKey] // oldest first
	used    *btree.Map[string, int]   // how often a fingerprint was added
	count   int64                     // keys added so far
}

func newSSHKeys() sshKeys {
	return sshKeys{ordered: btree.NewMap[int64, SSHKey](0), used: btree.NewMap[string, int](0)}
}

func (s sshKeys) copy() sshKeys {
	s.ordered, s.used = s.ordered.Copy(), s.used.Copy()
	return s
}

// set enters a key, also one that is read back.
func (s *sshKeys) set(key SSHKey) {
	s.count = max(s.count, key.Ordinal)
	s.ordered.Set(key.Ordinal, key)
}

// AddSSHKey adds a public key in OpenSSH's one-line form to the account.
func (w *World) AddSSHKey(name, publicKey string) (SSHKey, error) {
	key, err := w.newSSHKey(name, publicKey)
	if err != nil {
		return SSHKey{}, err
	}
	times, _ := w.sshKeys.used.Get(key.Fingerprint)
	w.sshKeys.used.Set(key.Fingerprint, times+1)
	key.Ordinal = w.sshKeys.count + 1
	if key.ID = drawID(w.seed, "key", key.Fingerprint, times); w.policy.NumericIDs {
		key.ID = strconv.FormatInt(key.Ordinal, 10)
	}
	w.sshKeys.set(key)
	w.changed.sshKey(key)
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
		for _, k := range w.SSHKeys() {
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
	for _, k := range w.SSHKeys() {
		if k.Name == name && (self == nil || k.Ordinal != self.Ordinal) {
			bad.Add("name", "has already been taken")
		}
	}
}

// SSHKeys has every SSH key, oldest first.
func (w *World) SSHKeys() []SSHKey {
	return w.sshKeys.ordered.Values()
}

// SSHKey finds a key by its id.
func (w *World) SSHKey(id string) (SSHKey, error) {
	for _, k := range w.SSHKeys() {
		if k.ID == id {
			return k, nil
		}
	}
	return SSHKey{}, notFound("SSH key", id)
}

// RenameSSHKey gives a key another name.
func (w *World) RenameSSHKey(id, name string) (SSHKey, error) {
	k, err := w.SSHKey(id)
	if err != nil {
		return SSHKey{}, err
	}
	bad := Fields{}
	w.checkKeyName(bad, name, &k)
	if err := bad.Err(); err != nil {
		return SSHKey{}, err
	}
	k.Name = name
	w.sshKeys.set(k)
	w.changed.sshKey(k)
	return k, nil
}

// DeleteSSHKey removes a key that no instance uses.
func (w *World) DeleteSSHKey(id string) error {
	k, err := w.SSHKey(id)
	if err != nil {
		return err
	}
	var users []string
	w.instances.ordered.Scan(func(_ int64, inst *Instance) bool {
		if slices.Contains(inst.SSHKeyIDs, id) {
			users = append(users, inst.Name)
		}
		return true
	})
	if len(users) > 0 {
		return &Error{Code: CodeWrongState, Message: "SSH key " + k.Name + " is used by: " + strings.Join(users, ", ")}
	}
	w.sshKeys.ordered.Delete(k.Ordinal)
	w.changed.sshKey(k)
	return nil
}

// checkSSHKeys notes ids that the account does not have.
func (w *World) checkSSHKeys(bad Fields, ids []string) {
	for _, id := range ids {
		if _, err := w.SSHKey(id); err != nil {
			bad.Add("ssh_key_ids", "%q is not an SSH key of this account", id)
		}
	}
}
