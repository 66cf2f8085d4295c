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
	if err := tx.foldAll(); err != nil {
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
	if err := tx.foldAll(); err != nil {
		return err
	}
	b := tx.sandboxes.Bucket([]byte(id))
	if err := tx.drop(b, marketName); err != nil {
		return err
	}
	if _, err := b.CreateBucket([]byte(marketName)); err != nil {
		return err
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
	at    where
	place uint32
	put   func(at where, key, record []byte) error // nil removes; else it is to be copied
	err   error
}

func newWriter(id string, put func(at where, key, record []byte) error) *writer {
	return &writer{encoder: newEncoder(), at: where{sandbox: id}, put: put}
}

func (w *writer) market(offers []engine.Offer) {
	w.in(marketName)
	for i := range offers {
		w.write(numbered(i), &offers[i])
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
	w.in(offersName)
	for i, offer := range c.Offers {
		w.write(numbered(i), takenOf(offer))
	}
	w.in(instancesName)
	for i := range c.Instances {
		w.write(numbered(c.Instances[i].Ordinal), &c.Instances[i])
	}
	w.remove(c.Gone.Instances)
	w.in(sshKeysName)
	for i := range c.SSHKeys {
		w.write(numbered(c.SSHKeys[i].Ordinal), &c.SSHKeys[i])
	}
	w.remove(c.Gone.SSHKeys)
	w.in(ledgerName)
	for i := range c.Ledger {
		w.write(numbered(c.Ledger[i].Number), &c.Ledger[i])
	}
	w.in(answersName)
	for i := range c.Answers {
		w.write(numbered(c.Answers[i].Number), &c.Answers[i])
	}
	w.remove(c.Gone.Answers)
	w.in(namesName)
	for name, n := range c.Names {
		w.write([]byte(name), n)
	}
	w.in(fingerprintsName)
	for print, n := range c.Fingerprints {
		w.write([]byte(print), n)
	}
}

// in says where the next records stand.
func (w *writer) in(name string) {
	w.at.name, w.place = name, place(w.at.sandbox, name)
}

// one writes what there is one of.
func (w *writer) one(name string, value any) {
	w.in(name)
	w.write([]byte(name), value)
}

func (w *writer) write(key []byte, value any) {
	if w.err != nil {
		return
	}
	record, err := w.encode(w.place, key, value)
	if err == nil {
		err = w.put(w.at, key, record)
	}
	w.err = err
}

func (w *writer) remove(numbers []int64) {
	for _, n := range numbers {
		if w.err == nil {
			w.err = w.put(w.at, numbered(n), nil)
		}
	}
}
