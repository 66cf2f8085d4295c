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
// has changed. Every value is JSON behind a CRC-32C of where it stands and what it
// is, as bbolt itself would not notice a byte that has changed on the disk. The
// sum of all of them stands in the tally, so that none can be missing, or be an
// older one, without being noticed.

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

// place is the checksum of where records stand: in which sandbox and under which
// name.
func place(sandbox, name string) uint32 {
	return crc32.Checksum([]byte(sandbox+"/"+name+"/"), castagnoli)
}

func checksum(place uint32, key, value []byte) uint32 {
	return crc32.Update(crc32.Update(place, castagnoli, key), castagnoli, value)
}

func encode(place uint32, key []byte, value any) ([]byte, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(data)), checksum(place, key, data)), data...), nil
}

// decode reads what encode has made.
func decode(place uint32, key, record []byte, into any) error {
	if len(record) < 4 || binary.BigEndian.Uint32(record) != checksum(place, key, record[4:]) {
		return errors.New("the checksum is wrong")
	}
	return json.Unmarshal(record[4:], into)
}

// weight is what a record adds to the tally's sum; one that is not there, nothing.
func weight(record []byte) uint64 {
	if len(record) < 4 {
		return 0
	}
	return uint64(binary.BigEndian.Uint32(record))
}

// taken is what rentals change of an offer.
type taken struct {
	GPUs      int  `json:"gpus"` // that are available still
	DiskGB    int  `json:"disk_gb"`
	Withdrawn bool `json:"withdrawn,omitempty"`
}

func takenOf(o engine.Offer) taken { return taken{o.GPUsAvailable, o.DiskAvailableGB, o.Withdrawn} }

// from is an offer of the market after that.
func (t taken) from(o engine.Offer) engine.Offer {
	o.GPUsAvailable, o.DiskAvailableGB, o.Withdrawn = t.GPUs, t.DiskGB, t.Withdrawn
	return o
}

// tally is what a file says of all its sandboxes together.
type tally struct {
	// Sum is that of the checksums of all records.
	Sum uint64 `json:"sum"`
	// Last is the number of the newest sandbox there ever was.
	Last int `json:"last"`
}

// appended is how full the pages of records become that are written in the order
// of their keys.
const appended = 0.9

// numbered is the key of a thing that has a number: in this order it is stored.
func numbered[N int | int64](n N) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// transaction is what is written to the file at once.
type transaction struct {
	sandboxes *bolt.Bucket
	tally     tally
}

// creation writes a new sandbox.
func (s *Sandbox) creation() func(tx *transaction) error {
	snapshot := Snapshot{Settings: *s.settings, World: s.world.State(), Faults: s.Faults.State()}
	return func(tx *transaction) error { return tx.putSandbox(s.id, snapshot) }
}

// deletion removes a sandbox.
func deletion(id string) func(tx *transaction) error {
	return func(tx *transaction) error { return tx.drop(tx.sandboxes, id) }
}

// putSandbox writes a whole sandbox in the place of the one that was there.
func (tx *transaction) putSandbox(id string, s Snapshot) error {
	if err := tx.drop(tx.sandboxes, id); err != nil {
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
	w := &writer{tx: tx, id: id, bucket: b}
	if w.one(settingsName, s.Settings); w.err != nil {
		return w.err
	}
	return tx.putChanges(id, s.World, s.Faults)
}

// putChanges writes what has changed in a sandbox.
func (tx *transaction) putChanges(id string, c engine.State, faults json.RawMessage) error {
	w := &writer{tx: tx, id: id, bucket: tx.sandboxes.Bucket([]byte(id))}
	w.one(headName, c.Head)
	if c.Market != nil {
		w.empty(marketName)
		w.empty(offersName) // what they were before is in the market now
		for i, offer := range c.Market {
			w.many(marketName, numbered(i), offer)
		}
	}
	if c.APIKeys != nil {
		w.one(apiKeysName, c.APIKeys)
	}
	if faults != nil {
		w.one(faultsName, faults)
	}
	for i, offer := range c.Offers {
		w.many(offersName, numbered(i), takenOf(offer))
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
	tx     *transaction
	id     string
	bucket *bolt.Bucket
	err    error
}

func (w *writer) one(name string, value any) {
	w.put(w.bucket, name, []byte(name), value)
}

func (w *writer) many(name string, key []byte, value any) {
	b := w.bucket.Bucket([]byte(name))
	if b != nil && name != namesName && name != fingerprintsName {
		b.FillPercent = appended
	}
	w.put(b, name, key, value)
}

func (w *writer) put(b *bolt.Bucket, name string, key []byte, value any) {
	if w.err != nil {
		return
	}
	record, err := encode(place(w.id, name), key, value)
	if err != nil {
		w.err = err
		return
	}
	w.tx.tally.Sum += weight(record) - weight(b.Get(key))
	w.err = b.Put(key, record)
}

func (w *writer) remove(name string, key []byte) {
	if w.err != nil {
		return
	}
	b := w.bucket.Bucket([]byte(name))
	w.tx.tally.Sum -= weight(b.Get(key))
	w.err = b.Delete(key)
}

func (w *writer) empty(name string) {
	if w.err != nil {
		return
	}
	if w.err = w.tx.drop(w.bucket, name); w.err == nil {
		_, w.err = w.bucket.CreateBucket([]byte(name))
	}
}

// getSandbox reads a sandbox back, and adds its records to a sum.
func getSandbox(b *bolt.Bucket, id string, sum *uint64) (Snapshot, error) {
	s := Snapshot{Format: format, Version: version}
	s.World.Offers, s.World.Names, s.World.Fingerprints = map[int]engine.Offer{}, map[string]int{}, map[string]int{}
	r := &reader{id: id, bucket: b, sum: sum}
	r.one(settingsName, &s.Settings)
	r.one(headName, &s.World.Head)
	r.one(apiKeysName, &s.World.APIKeys)
	if b.Get([]byte(faultsName)) != nil {
		r.one(faultsName, &s.Faults)
	}
	list(r, marketName, &s.World.Market)
	list(r, instancesName, &s.World.Instances)
	list(r, sshKeysName, &s.World.SSHKeys)
	list(r, ledgerName, &s.World.Ledger)
	list(r, answersName, &s.World.Answers)
	each(r, offersName, func(key []byte, t taken) {
		i := binary.BigEndian.Uint64(key)
		if i >= uint64(len(s.World.Market)) {
			r.err = fmt.Errorf("there is no offer %d", i)
			return
		}
		s.World.Offers[int(i)] = t.from(s.World.Market[i])
	})
	each(r, namesName, func(key []byte, n int) { s.World.Names[string(key)] = n })
	each(r, fingerprintsName, func(key []byte, n int) { s.World.Fingerprints[string(key)] = n })
	return s, r.err
}

// reader reads the records of a sandbox until the first one fails.
type reader struct {
	id     string
	bucket *bolt.Bucket
	sum    *uint64
	err    error
}

func (r *reader) one(name string, into any) {
	if r.err != nil {
		return
	}
	record := r.bucket.Get([]byte(name))
	if err := decode(place(r.id, name), []byte(name), record, into); err != nil {
		r.err = fmt.Errorf("%s: %w", name, err)
	}
	*r.sum += weight(record)
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
	at := place(r.id, name)
	err := b.ForEach(func(key, record []byte) error {
		var value T
		if err := decode(at, key, record, &value); err != nil {
			return fmt.Errorf("%s %x: %w", name, key, err)
		}
		*r.sum += weight(record)
		take(key, value)
		return r.err
	})
	if r.err == nil {
		r.err = err
	}
}

func list[T any](r *reader, name string, into *[]T) {
	each(r, name, func(_ []byte, value T) { *into = append(*into, value) })
}
