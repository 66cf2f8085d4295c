package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"math"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// Changes are written to the log first: all records of a transaction are one entry
// there, which costs a few pages however many they are. When the log has become long,
// its oldest entries are folded into the buckets of the sandboxes: of all that they
// have of a record the newest form only, and bucket by bucket in the order of the
// keys. What concerns a sandbox as a whole does not go through the log; everything is
// folded before.

var entryKey = []byte("entry")

// longLog is how many bytes all entries may have: reading them delays a start, by
// some milliseconds.
const longLog = 16 << 20

// foldedAtOnce is how many bytes of the log are folded together: many, so that records
// meet others of their pages; not too many, as a transaction waits for it.
const foldedAtOnce = 1 << 20

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

// oldest is the beginning of a log.
type oldest struct {
	numbers [][]byte // of its entries
	length  int      // in bytes
	sum     uint64   // for the tally
	records newest
}

// readLog reads the oldest entries, until they have so many bytes or are all there are.
func readLog(log *bolt.Bucket, enough int) (oldest, error) {
	o := oldest{records: newest{}}
	c := log.Cursor()
	for number, _ := c.First(); number != nil && o.length < enough; number, _ = c.Next() {
		record := log.Bucket(number).Get(entryKey)
		entry, err := unseal(logPlace, number, record)
		if err == nil {
			err = o.records.take(entry)
		}
		if err != nil {
			return o, fmt.Errorf("log %x: %w", number, err)
		}
		o.numbers = append(o.numbers, number)
		o.length += len(record)
		o.sum += weight(record)
	}
	return o, nil
}

// writeEntry writes what a transaction has for the log. An entry is in a bucket of
// its own, as bbolt would write it again with each of the next ones that came to
// stand beside it.
func (tx *transaction) writeEntry() error {
	excess := tx.logged + len(tx.entry) - longLog
	switch {
	case len(tx.entry) == 0:
		return nil
	case len(tx.entry) > longLog:
		return tx.foldAll()
	case excess > 0:
		if err := tx.fold(max(excess, foldedAtOnce)); err != nil {
			return err
		}
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

// fold writes so many bytes of the log where they belong, the oldest ones, and takes
// them out of the log.
func (tx *transaction) fold(enough int) error {
	part, err := readLog(tx.log, enough)
	if err == nil {
		err = tx.putAll(part.records)
	}
	if err != nil {
		return err
	}
	for _, number := range part.numbers {
		if err := tx.log.DeleteBucket(number); err != nil {
			return err
		}
	}
	tx.tally.Sum -= part.sum
	tx.logged -= part.length
	return nil
}

// foldAll writes everything that is in the log, and what the transaction has for it,
// where it belongs.
func (tx *transaction) foldAll() error {
	if err := tx.fold(math.MaxInt); err != nil || len(tx.entry) == 0 {
		return err
	}
	n := newest{}
	if err := n.take(tx.entry[checksumSize:]); err != nil {
		return err
	}
	tx.entry = nil // it may have become large, and its room is kept
	return tx.putAll(n)
}

// putAll writes records where they belong.
func (tx *transaction) putAll(n newest) error {
	for at, records := range n {
		for _, key := range slices.Sorted(maps.Keys(records)) {
			if err := tx.put(at, []byte(key), records[key]); err != nil {
				return err
			}
		}
	}
	return nil
}
