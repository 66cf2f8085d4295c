package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// file is the data file: a bbolt database with a bucket a sandbox (records.go).
type file struct {
	path string
	db   *bolt.DB
}

// kept is a sandbox as it was found in a file.
type kept struct {
	id string
	Snapshot
}

var (
	metaBucket      = []byte("pictor-sim")
	sandboxesBucket = []byte("sandboxes")
	versionKey      = []byte("version")
)

// lockPatience is how long another process may still hold the file.
const lockPatience = time.Second

// openFile reads a data file, and makes it when there is none. A file that is no
// data file, is damaged or comes from a newer simulator is refused before
// anything is written to it.
func openFile(path string) (*file, []kept, error) {
	var found []kept
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0:
	case err != nil:
		return nil, nil, fmt.Errorf("the data file cannot be used: %w", err)
	case !info.Mode().IsRegular():
		return nil, nil, fmt.Errorf("%s is not a file: name a file that pictor-sim may keep its data in", path)
	default:
		if found, err = readFile(path); err != nil {
			return nil, nil, fmt.Errorf("%s %w. It was left as it is", path, err)
		}
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: lockPatience, FreelistType: bolt.FreelistMapType, NoFreelistSync: true})
	if err != nil {
		return nil, nil, fmt.Errorf("%s %w", path, openFailure(err))
	}
	f := &file{path: path, db: db}
	err = f.update(func(tx *bolt.Tx) error {
		meta, err := tx.CreateBucketIfNotExists(metaBucket)
		if err != nil {
			return err
		}
		if _, err := tx.CreateBucketIfNotExists(sandboxesBucket); err != nil {
			return err
		}
		return meta.Put(versionKey, []byte(strconv.Itoa(version)))
	})
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%s cannot be written: %w", path, err), f.close())
	}
	return f, found, nil
}

// openFailure says in words what bbolt means.
func openFailure(err error) error {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return errors.New("is in use by another pictor-sim: stop that one, or choose another file")
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return fmt.Errorf("is no data file of pictor-sim, or is damaged (%w): restore a copy of it, or choose another file", err)
	default:
		return fmt.Errorf("cannot be opened: %w", err)
	}
}

// readFile reads all sandboxes of a file without writing to it.
func readFile(path string) (found []kept, err error) {
	// bbolt panics, or reads beyond the file, where a damaged page leads it astray.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("is damaged (%v): restore a copy of it, or choose another file", p)
		}
	}()
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: lockPatience, ReadOnly: true, PreLoadFreelist: false})
	if err != nil {
		return nil, openFailure(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.View(func(tx *bolt.Tx) error {
		meta := tx.Bucket(metaBucket)
		if meta == nil {
			return errors.New("is a bbolt database, but no data file of pictor-sim: choose another file")
		}
		v, err := strconv.Atoi(string(meta.Get(versionKey)))
		if err != nil {
			return damaged(fmt.Errorf("its version is %q", meta.Get(versionKey)))
		}
		if v > version {
			return newer(v)
		}
		sandboxes := tx.Bucket(sandboxesBucket)
		if sandboxes == nil {
			return damaged(errors.New("it has no sandboxes"))
		}
		return sandboxes.ForEachBucket(func(id []byte) error {
			snapshot, err := getSandbox(sandboxes.Bucket(id))
			if err != nil {
				return damaged(fmt.Errorf("sandbox %s: %w", id, err))
			}
			found = append(found, kept{string(id), snapshot})
			return nil
		})
	})
	return found, err
}

func damaged(err error) error {
	return fmt.Errorf("is damaged (%w): restore a copy of it, or choose another file", err)
}

func (f *file) update(do func(tx *bolt.Tx) error) error { return f.db.Update(do) }

func (f *file) close() error { return f.db.Close() }
