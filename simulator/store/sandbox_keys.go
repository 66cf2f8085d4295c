package store

import (
	"fmt"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// CreateKey makes an API key. An empty secret is drawn at random; it is returned
// here and cannot be had again.
func (s *Sandbox) CreateKey(name, secret string) (engine.APIKey, string, error) {
	hash, secret, err := s.store.reserve(secret)
	if err != nil {
		return engine.APIKey{}, "", err
	}
	var key engine.APIKey
	err = s.Update(func(w *engine.World) (err error) {
		key, err = w.AddAPIKey(name, secret)
		return err
	})
	if err != nil {
		s.store.release(hash)
		return engine.APIKey{}, "", fmt.Errorf("create API key %q: %w", name, err)
	}
	s.store.publish(s, hash)
	return key, secret, nil
}

// RevokeKey makes an API key invalid, for good.
func (s *Sandbox) RevokeKey(id string) (engine.APIKey, error) {
	var key engine.APIKey
	err := s.Update(func(w *engine.World) (err error) {
		key, err = w.RevokeAPIKey(id)
		return err
	})
	if err != nil {
		return engine.APIKey{}, err
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if s.store.sandboxes[s.id] == s { // else it was deleted meanwhile, with its keys
		s.store.keys[key.Hash] = keyEntry{sandbox: s, revoked: true}
	}
	return key, nil
}
