package store

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// getSandbox reads a sandbox back, and adds its records to a sum.
func getSandbox(b *bolt.Bucket, id string, log newest, sum *uint64) (Snapshot, error) {
	s := Snapshot{Format: format, Version: snapshotVersion}
	s.World.Offers, s.World.Names, s.World.Fingerprints = map[int]engine.Offer{}, map[string]int{}, map[string]int{}
	r := &reader{id: id, bucket: b, log: log, sum: sum}
	r.one(settingsName, &s.Settings)
	r.one(headName, &s.World.Head)
	r.one(apiKeysName, &s.World.APIKeys)
	r.optional(faultsName, &s.Faults)
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
	log    newest
	sum    *uint64
	err    error
}

// record is what there is one of, nil where there is none.
func (r *reader) record(name string) []byte {
	old := r.bucket.Get([]byte(name))
	*r.sum += weight(old)
	if record, ok := r.log[where{r.id, name}][name]; ok {
		return record
	}
	return old
}

func (r *reader) one(name string, into any) { r.decode(name, r.record(name), into) }

func (r *reader) optional(name string, into any) {
	if record := r.record(name); record != nil {
		r.decode(name, record, into)
	}
}

func (r *reader) decode(name string, record []byte, into any) {
	if r.err != nil {
		return
	}
	if err := decode(place(r.id, name), []byte(name), record, into); err != nil {
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
	at, logged := place(r.id, name), r.log[where{r.id, name}]
	see := func(key, record []byte) error {
		if record == nil {
			return nil
		}
		var value T
		if err := decode(at, key, record, &value); err != nil {
			return fmt.Errorf("%s %x: %w", name, key, err)
		}
		take(key, value)
		return r.err
	}
	keys := slices.Sorted(maps.Keys(logged)) // that are to come
	err := b.ForEach(func(key, record []byte) error {
		*r.sum += weight(record)
		for ; len(keys) > 0 && keys[0] < string(key); keys = keys[1:] {
			if err := see([]byte(keys[0]), logged[keys[0]]); err != nil {
				return err
			}
		}
		if len(keys) > 0 && keys[0] == string(key) {
			record, keys = logged[keys[0]], keys[1:]
		}
		return see(key, record)
	})
	for ; err == nil && len(keys) > 0; keys = keys[1:] {
		err = see([]byte(keys[0]), logged[keys[0]])
	}
	if r.err == nil {
		r.err = err
	}
}

func list[T any](r *reader, name string, into *[]T) {
	each(r, name, func(_ []byte, value T) { *into = append(*into, value) })
}
