package store

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// file is the data file: a bbolt database with a bucket a sandbox (records.go).
type file struct {
	path   string
	db     *bolt.DB
	handle *os.File // the same file
	broken bool     // bbolt panicked, and holds its locks for ever
	tally  tally
	logged int    // bytes in the log
	entry  []byte // room for that of the next transaction

	// The following is of a file of an older version, until its first change.
	old   bool
	added map[string]map[int]engine.Offer // what was added to its sandboxes
}

// contents are what is found in a file.
type contents struct {
	sandboxes []kept
	tally     tally
	logged    int
	blank     bool // nothing was written to it yet
	txid      int  // of the transaction that wrote it last
	old       bool
	added     map[string]map[int]engine.Offer
}

// kept is a sandbox as it was found in a file.
type kept struct {
	id string
	Snapshot
}

var (
	metaBucket      = []byte("pictor-sim")
	sandboxesBucket = []byte("sandboxes")
	logBucket       = []byte("log")
	versionKey      = []byte("version")
	tallyKey        = []byte("tally")
)

// tallyPlace is where the tally stands, for its checksum.
var tallyPlace = crc32.Checksum(metaBucket, castagnoli)

// lockPatience is how long another process may still hold the file.
const lockPatience = time.Second

var errInUse = errors.New("is in use by another pictor-sim: stop that one, or choose another file")

// openFile reads a data file, and makes it when there is none. A file that is no
// data file, is damaged or comes from a newer simulator is refused and left as it
// is: nothing is written to a file that was there before its first change.
func openFile(path string) (*file, contents, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeFile(path); err != nil {
			return nil, contents{}, fmt.Errorf("the data file cannot be made: %w", err)
		}
		info, err = os.Stat(path)
	}
	if err != nil {
		return nil, contents{}, fmt.Errorf("the data file cannot be used: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, contents{}, fmt.Errorf("%s is not a file: name a file that pictor-sim may keep its data in", path)
	}
	found := contents{blank: true}
	if info.Size() > 0 {
		if found, err = readFile(path); err != nil {
			return nil, contents{}, fmt.Errorf("%s %w. It was left as it is", path, err)
		}
	}
	f, err := found.open(path)
	if err != nil {
		return nil, contents{}, fmt.Errorf("%s %w", path, err)
	}
	return f, found, nil
}

// makeFile puts an empty data file in place all at once, so that whoever is
// killed meanwhile leaves none or a whole one, and makes its name last.
func makeFile(path string) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".pictor-sim-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	f, err := contents{blank: true}.open(tmp.Name())
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	if err := f.close(); err != nil {
		return err
	}
	err = os.Link(tmp.Name(), path)
	if err != nil && !errors.Is(err, fs.ErrExist) { // not every file system has links
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// open opens a file for writing. What was found in it must be what is in it still.
func (found contents) open(path string) (f *file, err error) {
	var opened *os.File
	defer recovered(&err, func() { opened.Close() })
	db, err := bolt.Open(path, 0o600, &bolt.Options{
		Timeout: lockPatience, FreelistType: bolt.FreelistMapType, NoFreelistSync: true,
		OpenFile: func(path string, flag int, mode os.FileMode) (_ *os.File, err error) {
			opened, err = os.OpenFile(path, flag, mode)
			return opened, err
		},
	})
	if err != nil {
		return nil, openFailure(err)
	}
	f = &file{path: path, db: db, handle: opened, tally: found.tally, logged: found.logged, old: found.old, added: found.added}
	if found.blank {
		err = f.begin()
	} else {
		err = db.View(func(tx *bolt.Tx) error {
			if tx.ID() != found.txid {
				return errInUse // by somebody who came and went since it was read
			}
			return nil
		})
	}
	if err != nil {
		return nil, errors.Join(err, f.close())
	}
	return f, nil
}

// begin writes what every data file has.
func (f *file) begin() error {
	err := f.db.Update(func(tx *bolt.Tx) error {
		if k, _ := tx.Cursor().First(); k != nil {
			return errInUse
		}
		meta, err := tx.CreateBucket(metaBucket)
		if err != nil {
			return err
		}
		if _, err := tx.CreateBucket(sandboxesBucket); err != nil {
			return err
		}
		if err := f.tally.put(meta); err != nil {
			return err
		}
		if _, err := tx.CreateBucket(logBucket); err != nil {
			return err
		}
		return putVersion(tx)
	})
	if err != nil && !errors.Is(err, errInUse) {
		return fmt.Errorf("cannot be written: %w", err)
	}
	return err
}

// openFailure says in words what bbolt means.
func openFailure(err error) error {
	var system *fs.PathError
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return errInUse
	case errors.As(err, &system):
		return fmt.Errorf("cannot be opened (%w): let pictor-sim read and write it, or choose another file", system.Err)
	default:
		return fmt.Errorf("is no data file of pictor-sim, or is damaged (%w): restore a copy of it, or choose another file", err)
	}
}

// readFile reads all sandboxes of a file without writing to it.
func readFile(path string) (found contents, err error) {
	var opened *os.File
	defer recovered(&err, func() { opened.Close() })
	db, err := bolt.Open(path, 0o600, &bolt.Options{
		Timeout: lockPatience, ReadOnly: true,
		OpenFile: func(path string, flag int, mode os.FileMode) (_ *os.File, err error) {
			opened, err = os.OpenFile(path, flag, mode)
			return opened, err
		},
	})
	if err != nil {
		return contents{}, openFailure(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := checkPages(opened); err != nil {
		return contents{}, damaged(err)
	}
	err = db.View(found.read)
	return found, err
}

// read reads everything and holds it against the tally.
func (found *contents) read(tx *bolt.Tx) error {
	found.txid = tx.ID()
	if k, _ := tx.Cursor().First(); k == nil {
		found.blank = true // killed between making it and writing to it
		return nil
	}
	meta := tx.Bucket(metaBucket)
	if meta == nil {
		return errors.New("is a bbolt database, but no data file of pictor-sim: choose another file")
	}
	v, err := strconv.Atoi(string(meta.Get(versionKey)))
	if err != nil || v < 1 {
		return damaged(fmt.Errorf("its version is %q", meta.Get(versionKey)))
	}
	if v > fileVersion {
		return newer(v, fileVersion)
	}
	found.old, found.added = v < fileVersion, map[string]map[int]engine.Offer{}
	if err := decode(tallyPlace, tallyKey, meta.Get(tallyKey), &found.tally); err != nil {
		return damaged(fmt.Errorf("tally: %w", err))
	}
	sandboxes := tx.Bucket(sandboxesBucket)
	if sandboxes == nil {
		return damaged(errors.New("it has no sandboxes"))
	}
	var logged oldest
	if log := tx.Bucket(logBucket); log != nil {
		if logged, err = readLog(log, math.MaxInt); err != nil {
			return damaged(err)
		}
	} else if v >= 2 {
		return damaged(errors.New("it has no log"))
	}
	found.logged = logged.length
	sum := logged.sum
	err = sandboxes.ForEachBucket(func(id []byte) error {
		snapshot, err := getSandbox(sandboxes.Bucket(id), string(id), logged.records, &sum)
		if err != nil {
			return damaged(fmt.Errorf("sandbox %s: %w", id, err))
		}
		if found.old {
			found.added[string(id)] = snapshot.modernize()
		}
		found.sandboxes = append(found.sandboxes, kept{string(id), snapshot})
		return nil
	})
	if err == nil && sum != found.tally.Sum {
		err = damaged(errors.New("records are missing or not the newest ones"))
	}
	return err
}

func damaged(err error) error {
	return fmt.Errorf("is damaged (%w): restore a copy of it, or choose another file", err)
}

// recovered turns a panic into an error: bbolt panics, or reads beyond the file,
// where a damaged page leads it astray. It is deferred, with what is to be done
// then.
func recovered(err *error, then func()) {
	if p := recover(); p != nil {
		*err = damaged(fmt.Errorf("%v", p))
		then()
	}
}

// update writes to the file; when it returns, that is on disk or is not at all.
func (f *file) update(do func(tx *transaction) error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer recovered(&err, func() { f.broken = true })
	t := &transaction{tally: f.tally, logged: f.logged, entry: f.entry[:0]}
	err = f.db.Update(func(tx *bolt.Tx) (err error) {
		t.sandboxes, t.log = tx.Bucket(sandboxesBucket), tx.Bucket(logBucket)
		if t.log == nil {
			if t.log, err = tx.CreateBucket(logBucket); err != nil {
				return err
			}
		}
		if f.old {
			if err := t.modernize(tx, f.added); err != nil {
				return err
			}
		}
		if err := do(t); err != nil {
			return err
		}
		if err := t.writeEntry(); err != nil {
			return err
		}
		return t.tally.put(tx.Bucket(metaBucket))
	})
	if err == nil {
		f.tally, f.logged, f.entry = t.tally, t.logged, t.entry
		f.old, f.added = false, nil
	}
	return err
}

func (t tally) put(meta *bolt.Bucket) error {
	record, err := newEncoder().encode(tallyPlace, tallyKey, t)
	if err != nil {
		return err
	}
	return meta.Put(tallyKey, record)
}

func (f *file) close() error {
	if f.broken {
		return f.handle.Close()
	}
	return f.db.Close()
}
