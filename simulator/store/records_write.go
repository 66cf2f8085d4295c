package store

import (
	"bytes"
	"encoding/json"

	bolt "go.etcd.io/bbolt"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// transaction is what is written to the file at once.
type transaction struct {
	sandboxes, log *bolt.Bucket
	tally          tally
	logged         int    // bytes in the log
	entry          []byte // what it has for the log
}

// creation writes a new sandbox.
func (s *Sandbox) creation() func(tx *transaction) error {
	snapshot := Snapshot{Settings: *s.settings, World: s.world.State(), Faults: s.Faults.State()}
	return func(tx *transaction) error { return tx.putSandbox(s.id, snapshot) }
}

// deletion removes a sandbox.
func deletion(id string) func(tx *transaction) error {
	return func(tx *transaction) error { return tx.dropSandbox(id) }
}

// putSandbox writes a whole sandbox in the place of the one that was there.
func (tx *transaction) putSandbox(id string, s Snapshot) error {
	if err := tx.dropSandbox(id); err != nil {
		return err
	}
	tx.tally.Last = max(tx.tally.Last, number(id))
	b, err := tx.sandboxes.CreateBucket([]byte(id))
	if err != nil {
		return err
	}
	for _, name := range []string{marketName, offersName, instancesName, sshKeysName, ledgerName, answersName, namesName, fingerprintsName} {
		if _, err := b.CreateBucket([]byte(name)); err != nil {
			return err
		}
	}
	w := newWriter(id, tx.put)
	w.one(settingsName, s.Settings)
	w.market(s.World.Market)
	w.changes(s.World, s.Faults)
	return w.err
}

// dropSandbox removes a sandbox, if it is there.
func (tx *transaction) dropSandbox(id string) error {
	if tx.sandboxes.Bucket([]byte(id)) == nil {
		return nil
	}
	if err := tx.fold(); err != nil {
		return err
	}
	return tx.drop(tx.sandboxes, id)
}

// putChanges writes what has changed in a sandbox.
func (tx *transaction) putChanges(id string, c engine.State, faults json.RawMessage) error {
	w := newWriter(id, tx.note)
	if c.Market != nil {
		if err := tx.putMarket(id, c.Market); err != nil {
			return err
		}
	}
	w.changes(c, faults)
	return w.err
}

// putMarket puts another market in the place of the one that was there.
func (tx *transaction) putMarket(id string, offers []engine.Offer) error {
	if err := tx.fold(); err != nil {
		return err
	}
	b := tx.sandboxes.Bucket([]byte(id))
	for _, name := range []string{marketName, offersName} { // what offers were before is in the market now
		if err := tx.drop(b, name); err != nil {
			return err
		}
		if _, err := b.CreateBucket([]byte(name)); err != nil {
			return err
		}
	}
	w := newWriter(id, tx.put)
	w.market(offers)
	return w.err
}

// put writes a copy of a record where it belongs; nil removes it.
func (tx *transaction) put(at where, key, record []byte) error {
	sandbox := tx.sandboxes.Bucket([]byte(at.sandbox))
	b := sandbox.Bucket([]byte(at.name))
	switch {
	case b == nil: // there is one of it
		b = sandbox
	case at.name != namesName && at.name != fingerprintsName:
		b.FillPercent = appended
	}
	tx.tally.Sum += weight(record) - weight(b.Get(key))
	if record == nil {
		return b.Delete(key)
	}
	return b.Put(key, bytes.Clone(record))
}

// drop removes a bucket with all that is in it, if it is there.
func (tx *transaction) drop(from *bolt.Bucket, name string) error {
	b := from.Bucket([]byte(name))
	if b == nil {
		return nil
	}
	if err := tx.forget(b); err != nil {
		return err
	}
	return from.DeleteBucket([]byte(name))
}

// forget takes what is in a bucket out of the tally.
func (tx *transaction) forget(b *bolt.Bucket) error {
	return b.ForEach(func(key, record []byte) error {
		if record == nil {
			return tx.forget(b.Bucket(key))
		}
		tx.tally.Sum -= weight(record)
		return nil
	})
}

// writer writes the records of a sandbox until the first one fails.
type writer struct {
	*encoder
	id  string
	put func(at where, key, record []byte) error // nil removes; else it is to be copied
	err error
}

func newWriter(id string, put func(at where, key, record []byte) error) *writer {
	return &writer{encoder: newEncoder(), id: id, put: put}
}

func (w *writer) market(offers []engine.Offer) {
	for i := range offers {
		w.many(marketName, numbered(i), &offers[i])
	}
}

func (w *writer) changes(c engine.State, faults json.RawMessage) {
	w.one(headName, &c.Head)
	if c.APIKeys != nil {
		w.one(apiKeysName, c.APIKeys)
	}
	if faults != nil {
		w.one(faultsName, faults)
	}
	for i, offer := range c.Offers {
		w.many(offersName, numbered(i), takenOf(offer))
	}
	for i := range c.Instances {
		w.many(instancesName, numbered(c.Instances[i].Ordinal), &c.Instances[i])
	}
	for i := range c.SSHKeys {
		w.many(sshKeysName, numbered(c.SSHKeys[i].Ordinal), &c.SSHKeys[i])
	}
	for i := range c.Ledger {
		w.many(ledgerName, numbered(c.Ledger[i].Number), &c.Ledger[i])
	}
	for i := range c.Answers {
		w.many(answersName, numbered(c.Answers[i].Number), &c.Answers[i])
	}
	for name, n := range c.Names {
		w.many(namesName, []byte(name), n)
	}
	for print, n := range c.Fingerprints {
		w.many(fingerprintsName, []byte(print), n)
	}
	for name, gone := range map[string][]int64{instancesName: c.Gone.Instances, sshKeysName: c.Gone.SSHKeys, answersName: c.Gone.Answers} {
		for _, n := range gone {
			w.remove(name, numbered(n))
		}
	}
}

func (w *writer) one(name string, value any) { w.many(name, []byte(name), value) }

func (w *writer) many(name string, key []byte, value any) {
	if w.err != nil {
		return
	}
	record, err := w.encode(place(w.id, name), key, value)
	if err == nil {
		err = w.put(where{w.id, name}, key, record)
	}
	w.err = err
}

func (w *writer) remove(name string, key []byte) {
	if w.err == nil {
		w.err = w.put(where{w.id, name}, key, nil)
	}
}
