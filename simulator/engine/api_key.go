package engine

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// APIKey is a key to the account. The world keeps only the hash of its secret.
type APIKey struct {
	ID        string            `json:"id"`
	Name      string            `json:"name"`
	Hash      [sha256.Size]byte `json:"hash"`
	Hint      string            `json:"hint"` // the secret's last four characters
	CreatedAt time.Time         `json:"created_at"`
	RevokedAt time.Time         `json:"revoked_at,omitzero"` // zero while it is valid
}

// HashSecret is how the secret of an API key is stored.
func HashSecret(secret string) [sha256.Size]byte { return sha256.Sum256([]byte(secret)) }

// CheckSecret says why something cannot be the secret of an API key.
func CheckSecret(secret string) error {
	if len(secret) < 8 || strings.ContainsFunc(secret, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("must have at least 8 characters, all visible ASCII: it travels in a header")
	}
	return nil
}

// AddAPIKey makes a secret, which the caller has drawn or was given, a key to
// the account.
func (w *World) AddAPIKey(name, secret string) (APIKey, error) {
	bad := Fields{}
	if name == "" || utf8.RuneCountInString(name) > 63 || strings.ContainsFunc(name, unicode.IsControl) {
		bad.Add("name", "must have 1 to 63 characters, none of which is a control character")
	}
	if err := CheckSecret(secret); err != nil {
		bad.Add("secret", "%s", err)
	}
	if err := bad.Err(); err != nil {
		return APIKey{}, err
	}
	key := APIKey{
		ID:        fmt.Sprintf("api_%d", len(w.apiKeys)+1),
		Name:      name,
		Hash:      HashSecret(secret),
		Hint:      secret[len(secret)-4:],
		CreatedAt: w.now,
	}
	w.apiKeys = append(slices.Clip(w.apiKeys), key) // a copy may share the others
	w.changed.apiKeys = true
	return key, nil
}

// Authorized tells whether a secret is a valid key to the account. It compares
// with every key in constant time.
func (w *World) Authorized(secret string) bool {
	hash, valid := HashSecret(secret), 0
	for _, k := range w.apiKeys {
		if k.RevokedAt.IsZero() {
			valid |= subtle.ConstantTimeCompare(hash[:], k.Hash[:])
		}
	}
	return valid == 1
}

// APIKeys has every key, also the revoked ones, oldest first.
func (w *World) APIKeys() []APIKey { return append([]APIKey(nil), w.apiKeys...) }

// RevokeAPIKey makes a key invalid, for good.
func (w *World) RevokeAPIKey(id string) (APIKey, error) {
	for i := range w.apiKeys {
		k := &w.apiKeys[i]
		if k.ID != id {
			continue
		}
		if k.RevokedAt.IsZero() {
			w.apiKeys = slices.Clone(w.apiKeys)
			k = &w.apiKeys[i]
			k.RevokedAt = w.now
			w.changed.apiKeys = true
		}
		return *k, nil
	}
	return APIKey{}, notFound("API key", id)
}

// TakeAPIKeys gives this world the keys of another one.
func (w *World) TakeAPIKeys(from *World) {
	w.apiKeys = slices.Clone(from.apiKeys)
	w.changed.apiKeys = true
}
