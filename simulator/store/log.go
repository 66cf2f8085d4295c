package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// Changes are written to the log first: all records of a transaction are one entry
// there, which costs a few pages however many they are. A log that would become too
// long is folded into the buckets of the sandboxes instead: of all that it has of a
// record the newest form only, and bucket by bucket in the order of the keys. What
// concerns a sandbox as a whole does not go through the log; it is folded before.

var entryKey = []byte("entry")

// shortLog is how many bytes all entries may always have: reading them delays a start,
// by some milliseconds. Folding writes again what it folds; so that this stays a part
// of what was written before, however much that was, the log of a larger file may
// become half of it.
const shortLog = 16 << 20

// longestLog is how many bytes all entries may have.
func (tx *transaction) longestLog() int {
	return max(shortLog, int(tx.log.Tx().Size()/2))
}

// logPlace is where the entries of the log stand, for their checksums.
var logPlace = crc32.Checksum(logBucket, castagnoli)

// where is a set of records: those of a sandbox under a name.
type where struct{ sandbox, name string }

// newest is the records in a log as they were written last, by their keys; nil
// stands for one that was removed.
type newest map[where]map[string][]byte

// note lets a record go into the log; nil removes it.
func (tx *transaction) note(at where, key, record []byte) error {
	if len(tx.entry) == 0 {
		tx.entry = append(tx.entry, make([]byte, checksumSize)...)
	}
	tx.entry = appendPart(appendPart(tx.entry, at.sandbox), at.name)
	tx.entry = appendPart(appendPart(tx.entry, key), record)
	return nil
}

// appendPart appends a part of an entry behind its length.
func appendPart[T string | []byte](entry []byte, part T) []byte {
	return append(binary.AppendUvarint(entry, uint64(len(part))), part...)
}

// take adds an entry: of each record its sandbox, its name, its key and itself, which
// is empty where it was removed.
func (n newest) take(entry []byte) error {
	var at where
	var records map[string][]byte
	for len(entry) > 0 {
		var parts [4][]byte
		for i := range parts {
			length, size := binary.Uvarint(entry)
			if size <= 0 || length > uint64(len(entry)-size) {
				return errors.New("an entry of the log does not fit")
			}
			entry = entry[size:]
			parts[i], entry = entry[:length:length], entry[length:]
		}
		if records == nil || string(parts[0]) != at.sandbox || string(parts[1]) != at.name {
			at = where{string(parts[0]), string(parts[1])}
			if records = n[at]; records == nil {
				records = map[string][]byte{}
				n[at] = records
			}
		}
		if len(parts[3]) == 0 {
			parts[3] = nil
		}
		records[string(parts[2])] = parts[3]
	}
	return nil
}

// readLog reads all entries, and adds them to a sum and to a length.
func readLog(log *bolt.Bucket, sum *uint64, length *int) (newest, error) {
	n := newest{}
	err := log.ForEachBucket(func(number []byte) error {
		record := log.Bucket(number).Get(entryKey)
		entry, err := unseal(logPlace, number, record)
		if err == nil {
			*sum += weight(record)
			*length += len(record)
			err = n.take(entry)
		}
		if err != nil {
			return fmt.Errorf("log %x: %w", number, err)
		}
		return nil
	})
	return n, err
}

// writeEntry writes what a transaction has for the log. An entry is in a bucket of
// its own, as bbolt would write it again with each of the next ones that came to
// stand beside it.
func (tx *transaction) writeEntry() error {
	switch {
	case len(tx.entry) == 0:
		return nil
	case tx.logged+len(tx.entry) > tx.longestLog():
		return tx.fold()
	}
	number := numbered(tx.log.Tx().ID())
	tx.log.FillPercent = appended
	b, err := tx.log.CreateBucket(number)
	if err != nil {
		return err
	}
	seal(logPlace, number, tx.entry)
	tx.tally.Sum += weight(tx.entry)
	tx.logged += len(tx.entry)
	return b.Put(entryKey, tx.entry)
}

// fold writes what is in the log, and what the transaction has for it, where it
// belongs, and empties the log.
func (tx *transaction) fold() error {
	if tx.logged == 0 && len(tx.entry) == 0 {
		return nil
	}
	sum, length := uint64(0), 0
	n, err := readLog(tx.log, &sum, &length)
	if err == nil && len(tx.entry) > 0 {
		err = n.take(tx.entry[checksumSize:])
	}
	if err != nil {
		return err
	}
	for at, records := range n {
		for _, key := range slices.Sorted(maps.Keys(records)) {
			if err := tx.put(at, []byte(key), records[key]); err != nil {
				return err
			}
		}
	}
	tx.tally.Sum -= sum
	tx.entry, tx.logged = nil, 0
	whole := tx.log.Tx()
	if err := whole.DeleteBucket(logBucket); err != nil {
		return err
	}
	tx.log, err = whole.CreateBucket(logBucket)
	return err
}
