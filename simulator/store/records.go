package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"

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

// encoder makes records, one after the other in the same place.
type encoder struct {
	room bytes.Buffer
	json *json.Encoder
}

func newEncoder() *encoder {
	e := &encoder{}
	e.json = json.NewEncoder(&e.room)
	return e
}

// encode makes a record, which is good until the next one.
func (e *encoder) encode(place uint32, key []byte, value any) ([]byte, error) {
	e.room.Reset()
	e.room.Write(make([]byte, checksumSize))
	if err := e.json.Encode(value); err != nil {
		return nil, err
	}
	record := bytes.TrimSuffix(e.room.Bytes(), []byte("\n"))
	seal(place, key, record)
	return record, nil
}

// decode reads what an encoder has made.
func decode(place uint32, key, record []byte, into any) error {
	data, err := unseal(place, key, record)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

const checksumSize = 4

// seal writes the checksum of a record into its beginning.
func seal(place uint32, key, record []byte) {
	binary.BigEndian.PutUint32(record, checksum(place, key, record[checksumSize:]))
}

// unseal is what follows the checksum, if that is right.
func unseal(place uint32, key, record []byte) ([]byte, error) {
	if len(record) < checksumSize || binary.BigEndian.Uint32(record) != checksum(place, key, record[checksumSize:]) {
		return nil, errors.New("the checksum is wrong")
	}
	return record[checksumSize:], nil
}

// weight is what a record adds to the tally's sum; one that is not there, nothing.
func weight(record []byte) uint64 {
	if len(record) < checksumSize {
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
