package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"

	bolt "go.etcd.io/bbolt"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// A sandbox in the data file is a bucket. What it has one of stands under a name;
// what it has many of is a bucket of its own, so that a change writes only what
// has changed. Every value is JSON behind a CRC-32C of key and value, as bbolt
// itself would not notice a byte that has changed on the disk.

// The names in a sandbox's bucket.
const (
	settingsName     = "settings"
	headName         = "head"
	marketName       = "market"
	apiKeysName      = "api_keys"
	faultsName       = "faults"
	offersName       = "offers"
	instancesName    = "instances"
	sshKeysName      = "ssh_keys"
	ledgerName       = "ledger"
	answersName      = "answers"
	namesName        = "names"
	fingerprintsName = "fingerprints"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(key, value []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value)
}

func put(b *bolt.Bucket, key []byte, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return b.Put(key, append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(data)), checksum(key, data)), data...))
}

// decode reads what put has written.
func decode(key, record []byte, into any) error {
	if len(record) < 4 || binary.BigEndian.Uint32(record) != checksum(key, record[4:]) {
		return errors.New("the checksum is wrong")
	}
	return json.Unmarshal(record[4:], into)
}

// numbered is the key of a thing that has a number: in this order it is stored.
func numbered[N int | int64](n N) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// creation writes a new sandbox.
func (s *Sandbox) creation() func(tx *bolt.Tx) error {
	snapshot := Snapshot{Settings: s.settings, World: s.world.State(), Faults: s.Faults.State()}
	return func(tx *bolt.Tx) error { return putSandbox(tx, s.id, snapshot) }
}

// deletion removes a sandbox.
func deletion(id string) func(tx *bolt.Tx) error {
	return func(tx *bolt.Tx) error { return tx.Bucket(sandboxesBucket).DeleteBucket([]byte(id)) }
}

// putSandbox writes a whole sandbox in the place of the one that was there.
func putSandbox(tx *bolt.Tx, id string, s Snapshot) error {
	all := tx.Bucket(sandboxesBucket)
	if all.Bucket([]byte(id)) != nil {
		if err := all.DeleteBucket([]byte(id)); err != nil {
			return err
		}
	}
	b, err := all.CreateBucket([]byte(id))
	if err != nil {
		return err
	}
	if err := put(b, []byte(settingsName), s.Settings); err != nil {
		return err
	}
	for _, name := range []string{offersName, instancesName, sshKeysName, ledgerName, answersName, namesName, fingerprintsName} {
		if _, err := b.CreateBucket([]byte(name)); err != nil {
			return err
		}
	}
	return putChanges(tx, id, s.World, s.Faults)
}

// putChanges writes what has changed in a sandbox.
func putChanges(tx *bolt.Tx, id string, c engine.State, faults json.RawMessage) error {
	b := tx.Bucket(sandboxesBucket).Bucket([]byte(id))
	w := &writer{bucket: b}
	w.one(headName, c.Head)
	if c.Market != nil {
		w.one(marketName, c.Market)
	}
	if c.APIKeys != nil {
		w.one(apiKeysName, c.APIKeys)
	}
	if faults != nil {
		w.one(faultsName, faults)
	}
	for i, offer := range c.Offers {
		w.many(offersName, numbered(i), offer)
	}
	for _, inst := range c.Instances {
		w.many(instancesName, numbered(inst.Ordinal), inst)
	}
	for _, key := range c.SSHKeys {
		w.many(sshKeysName, numbered(key.Ordinal), key)
	}
	for _, entry := range c.Ledger {
		w.many(ledgerName, numbered(entry.Number), entry)
	}
	for _, answer := range c.Answers {
		w.many(answersName, numbered(answer.Number), answer)
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
	return w.err
}

// writer writes records until the first one fails.
type writer struct {
	bucket *bolt.Bucket
	err    error
}

func (w *writer) one(name string, value any) {
	if w.err == nil {
		w.err = put(w.bucket, []byte(name), value)
	}
}

func (w *writer) many(name string, key []byte, value any) {
	if w.err == nil {
		w.err = put(w.bucket.Bucket([]byte(name)), key, value)
	}
}

func (w *writer) remove(name string, key []byte) {
	if w.err == nil {
		w.err = w.bucket.Bucket([]byte(name)).Delete(key)
	}
}

// getSandbox reads a sandbox back.
func getSandbox(b *bolt.Bucket) (Snapshot, error) {
	s := Snapshot{Format: format, Version: version}
	s.World.Offers, s.World.Names, s.World.Fingerprints = map[int]engine.Offer{}, map[string]int{}, map[string]int{}
	r := &reader{bucket: b}
	r.one(settingsName, &s.Settings)
	r.one(headName, &s.World.Head)
	r.one(marketName, &s.World.Market)
	r.one(apiKeysName, &s.World.APIKeys)
	if b.Get([]byte(faultsName)) != nil {
		r.one(faultsName, &s.Faults)
	}
	list(r, instancesName, &s.World.Instances)
	list(r, sshKeysName, &s.World.SSHKeys)
	list(r, ledgerName, &s.World.Ledger)
	list(r, answersName, &s.World.Answers)
	each(r, offersName, func(key []byte, o engine.Offer) { s.World.Offers[int(binary.BigEndian.Uint64(key))] = o })
	each(r, namesName, func(key []byte, n int) { s.World.Names[string(key)] = n })
	each(r, fingerprintsName, func(key []byte, n int) { s.World.Fingerprints[string(key)] = n })
	return s, r.err
}

// reader reads records until the first one fails.
type reader struct {
	bucket *bolt.Bucket
	err    error
}

func (r *reader) one(name string, into any) {
	if r.err != nil {
		return
	}
	if err := decode([]byte(name), r.bucket.Get([]byte(name)), into); err != nil {
		r.err = fmt.Errorf("%s: %w", name, err)
	}
}

// each reads every record of a bucket, in the order of the keys.
func each[T any](r *reader, name string, take func(key []byte, value T)) {
	if r.err != nil {
		return
	}
	b := r.bucket.Bucket([]byte(name))
	if b == nil {
		r.err = fmt.Errorf("%s are missing", name)
		return
	}
	r.err = b.ForEach(func(key, record []byte) error {
		var value T
		if err := decode(key, record, &value); err != nil {
			return fmt.Errorf("%s %x: %w", name, key, err)
		}
		take(key, value)
		return nil
	})
}

func list[T any](r *reader, name string, into *[]T) {
	each(r, name, func(_ []byte, value T) { *into = append(*into, value) })
}
