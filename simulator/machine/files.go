package machine

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// files are what programs have written on a machine. They last as long as the
// instance does.
type files struct {
	mu      sync.Mutex
	entries map[string]*entry // by clean absolute path
	bytes   int
}

// entry is a file or a directory.
type entry struct {
	name    string
	dir     bool
	data    []byte // is not changed in place
	changed time.Time
}

func newFiles() *files { return &files{entries: map[string]*entry{}} }

func (f *files) empty() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.entries) == 0
}

// tree is what a program sees: what it came with, which cannot be changed, and
// the machine's own files.
type tree struct {
	system map[string]string
	own    *files
	now    time.Time
}

// systemDirs are there from the start.
func systemDirs() []string {
	return []string{"/", "/bin", "/dev", "/etc", "/home", "/opt", "/proc", "/root", "/root/.ssh", "/srv", "/tmp", "/usr", "/var", "/workspace"}
}

const nullDevice = "/dev/null"

// refusal is why a file cannot be had, as a shell prints it.
type refusal string

func (r refusal) Error() string { return string(r) }

const (
	errMissing  refusal = "No such file or directory"
	errExists   refusal = "File exists"
	errNotDir   refusal = "Not a directory"
	errIsDir    refusal = "Is a directory"
	errReadOnly refusal = "Read-only file system"
	errFull     refusal = "No space left on device"
	errName     refusal = "File name too long"
)

// maxPath is how long a path may be.
const maxPath = 1024

func (t tree) find(p string) (entry, error) {
	if data, ok := t.system[p]; ok {
		return entry{name: path.Base(p), data: []byte(data), changed: t.now}, nil
	}
	if p == nullDevice {
		return entry{name: path.Base(p), changed: t.now}, nil
	}
	if slices.Contains(systemDirs(), p) {
		return entry{name: path.Base(p), dir: true, changed: t.now}, nil
	}
	t.own.mu.Lock()
	defer t.own.mu.Unlock()
	if e := t.own.entries[p]; e != nil {
		return *e, nil
	}
	return entry{}, errMissing
}

func (t tree) read(p string) ([]byte, error) {
	e, err := t.find(p)
	if err == nil && e.dir {
		err = errIsDir
	}
	return e.data, err
}

// list has what a directory contains, by name.
func (t tree) list(p string) ([]entry, error) {
	if e, err := t.find(p); err != nil {
		return nil, err
	} else if !e.dir {
		return nil, errNotDir
	}
	found := map[string]entry{}
	for _, dir := range systemDirs() {
		if dir != "/" && path.Dir(dir) == p {
			found[path.Base(dir)] = entry{name: path.Base(dir), dir: true, changed: t.now}
		}
	}
	for file, data := range t.system {
		if path.Dir(file) == p {
			found[path.Base(file)] = entry{name: path.Base(file), data: []byte(data), changed: t.now}
		}
	}
	if p == path.Dir(nullDevice) {
		found[path.Base(nullDevice)] = entry{name: path.Base(nullDevice), changed: t.now}
	}
	t.own.mu.Lock()
	defer t.own.mu.Unlock()
	for file, e := range t.own.entries {
		if path.Dir(file) == p {
			found[e.name] = *e
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b entry) int { return strings.Compare(a.name, b.name) }), nil
}

// write puts data into a file, behind what it has already when more is set.
func (t tree) write(p string, data []byte, more bool) error {
	if p == nullDevice {
		return nil
	}
	old, err := t.find(p)
	switch {
	case len(p) > maxPath:
		return errName
	case err == nil && old.dir:
		return errIsDir
	case err == nil && t.isSystem(p):
		return errReadOnly
	}
	if parent, err := t.find(path.Dir(p)); err != nil {
		return err
	} else if !parent.dir {
		return errNotDir
	}
	t.own.mu.Lock()
	defer t.own.mu.Unlock()
	e := t.own.entries[p]
	was := 0
	if e != nil {
		was = len(e.data)
		if more {
			data = slices.Concat(e.data, data)
		}
	}
	if len(data) > maxFile || t.own.bytes-was+len(data) > maxFiles || e == nil && len(t.own.entries) >= maxEntries {
		return errFull
	}
	t.own.bytes += len(data) - was
	t.own.entries[p] = &entry{name: path.Base(p), data: bytes.Clone(data), changed: t.now}
	return nil
}

func (t tree) isSystem(p string) bool {
	_, ok := t.system[p]
	return ok || p == nullDevice || slices.Contains(systemDirs(), p)
}

// makeDir makes a directory, with those above it when they are wanted.
func (t tree) makeDir(p string, above bool) error {
	if len(p) > maxPath {
		return errName
	}
	if e, err := t.find(p); err == nil {
		if above && e.dir {
			return nil
		}
		return errExists
	}
	parent, err := t.find(path.Dir(p))
	switch {
	case err == nil && !parent.dir:
		return errNotDir
	case err != nil && !above:
		return err
	case err != nil:
		if err := t.makeDir(path.Dir(p), true); err != nil {
			return err
		}
	}
	t.own.mu.Lock()
	defer t.own.mu.Unlock()
	if len(t.own.entries) >= maxEntries {
		return errFull
	}
	t.own.entries[p] = &entry{name: path.Base(p), dir: true, changed: t.now}
	return nil
}

// remove takes a file away, or a directory with all that is in it.
func (t tree) remove(p string, all bool) error {
	e, err := t.find(p)
	switch {
	case err != nil:
		return err
	case t.isSystem(p):
		return errReadOnly
	case e.dir && !all:
		return errIsDir
	}
	t.own.mu.Lock()
	defer t.own.mu.Unlock()
	for file, e := range t.own.entries {
		if file == p || strings.HasPrefix(file, p+"/") {
			t.own.bytes -= len(e.data)
			delete(t.own.entries, file)
		}
	}
	return nil
}
