package engine

// changes are the things that have changed since they were last asked for. Only
// a world that is tracked notes them.
type changes struct {
	tracked   bool
	market    bool
	apiKeys   bool
	entries   int // of the ledger, that were asked for already
	offers    map[int]struct{}
	instances map[int64]struct{}
	names     map[string]struct{}
	sshKeys   map[int64]struct{}
	prints    map[string]struct{} // fingerprints of SSH keys
	answers   map[int64]struct{}
}

func note[K comparable](tracked bool, set *map[K]struct{}, key K) {
	if !tracked {
		return
	}
	if *set == nil {
		*set = map[K]struct{}{}
	}
	(*set)[key] = struct{}{}
}

func (c *changes) offer(i int)            { note(c.tracked, &c.offers, i) }
func (c *changes) instance(ordinal int64) { note(c.tracked, &c.instances, ordinal) }
func (c *changes) named(name string)      { note(c.tracked, &c.names, name) }
func (c *changes) answer(number int64)    { note(c.tracked, &c.answers, number) }

func (c *changes) sshKey(key SSHKey) {
	note(c.tracked, &c.sshKeys, key.Ordinal)
	note(c.tracked, &c.prints, key.Fingerprint)
}

// Track lets a world note from now on what changes (see [World.Changes]).
func (w *World) Track() { w.changed = &changes{tracked: true, entries: len(w.ledger.entries)} }
