package store_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// world is what is in a data file: its sandboxes as JSON.
func world(t testing.TB, s *store.Store) string {
	t.Helper()
	var all []string
	for _, sandbox := range s.All() {
		all = append(all, sandbox.ID()+written(t, sandbox))
	}
	return strings.Join(all, "\n")
}

// history makes a data file with a past: things were changed and removed, so
// that it has free pages, old pages, values longer than a page, and a log of
// transactions short and long.
func history(t testing.TB) (file, is string) {
	t.Helper()
	file = newFile(t)
	s := open(t, store.Config{File: file})
	for n := range 3 {
		sandbox, _ := create(t, s, settings(func(s *store.Settings) { s.Market.Hosts = 12 }))
		for i := range 12 {
			must(t, sandbox.Update(rent(fmt.Sprintf("machine-%d", i), token(fmt.Sprint(i)))))
			must(t, sandbox.Update(func(w *engine.World) error {
				_, err := w.AddSSHKey(fmt.Sprint(i), publicKey(i))
				return err
			}))
			if i%3 == n {
				must(t, sandbox.Update(func(w *engine.World) error {
					_, err := w.Delete(w.Instances(func(*engine.Instance) bool { return true })[0].ID)
					return err
				}))
				must(t, sandbox.Advance(t.Context(), 7*time.Hour))
			}
		}
	}
	must(t, s.Delete("sbx_2"))
	for i, sandbox := range s.All() {
		for n := range 4 {
			must(t, sandbox.Update(rent(fmt.Sprintf("late-%d", n), token(fmt.Sprint("late-", n)))))
			must(t, sandbox.UpdateFaults(func(f *fault.Set) error { f.Clear(); return nil }))
			must(t, sandbox.Advance(t.Context(), time.Duration(i*n)*time.Hour))
		}
	}
	is = world(t, s)
	must(t, s.Close())
	return file, is
}

// refused opens a file that must be refused with one sentence that says why and
// what to do, and left as it is. Or, if it may be fine, it must have the world.
func refused(t *testing.T, file, is string, why string) (opened bool) {
	t.Helper()
	before, _ := os.ReadFile(file)
	s, err := store.Open(store.Config{File: file})
	if err == nil {
		got := world(t, s)
		must(t, s.Close())
		switch {
		case is == "":
			t.Fatalf("%s was opened", file)
		case got != is:
			t.Fatalf("%s was opened with another world:\n%s\nit was\n%s", file, got, is)
		}
		return true
	}
	said := err.Error()
	if strings.Contains(said, "\n") || !strings.Contains(said, file) || !strings.Contains(said, why) ||
		!strings.Contains(said, "choose another file") && !strings.Contains(said, "name a file") && !strings.Contains(said, "newer pictor-sim") {
		t.Errorf("refused with %q", said)
	}
	if after, _ := os.ReadFile(file); !bytes.Equal(before, after) {
		t.Fatalf("%s was changed", file)
	}
	return false
}

func TestForeignFilesAreRefusedAndLeftAsTheyAre(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		make func(t *testing.T, path string)
		why  string
	}{
		"a text": {func(t *testing.T, path string) { must(t, os.WriteFile(path, []byte("my diary\n"), 0o600)) }, "no data file of pictor-sim"},
		"a long text": {func(t *testing.T, path string) {
			must(t, os.WriteFile(path, bytes.Repeat([]byte("my diary\n"), 5000), 0o600))
		}, "no data file of pictor-sim"},
		"zeros":        {func(t *testing.T, path string) { must(t, os.WriteFile(path, make([]byte, 1<<20), 0o600)) }, "no data file of pictor-sim"},
		"a folder":     {func(t *testing.T, path string) { must(t, os.Mkdir(path, 0o700)) }, "is not a file"},
		"another's db": {func(t *testing.T, path string) { bucket(t, path, "theirs", "key", "value") }, "no data file of pictor-sim"},
		"a newer one":  {func(t *testing.T, path string) { bucket(t, path, "pictor-sim", "version", "99") }, "newer pictor-sim"},
		"no version":   {func(t *testing.T, path string) { bucket(t, path, "pictor-sim", "version", "x") }, "is damaged"},
		"no tally":     {func(t *testing.T, path string) { bucket(t, path, "pictor-sim", "version", "1") }, "is damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := newFile(t)
			tc.make(t, path)
			refused(t, path, "", tc.why)
			refused(t, path, "", tc.why) // nothing of the first try is in the way
		})
	}
}

// bucket makes a bbolt database with one value.
func bucket(t *testing.T, path, name, key, value string) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, nil)
	must(t, err)
	must(t, db.Update(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucket([]byte(name))
		must(t, err)
		return b.Put([]byte(key), []byte(value))
	}))
	must(t, db.Close())
}

func TestAFileInUseIsRefused(t *testing.T) {
	t.Parallel()
	file := newFile(t)
	s := open(t, store.Config{File: file})
	create(t, s, settings())
	refused(t, file, "", "is in use by another pictor-sim")
	must(t, s.Close())
	open(t, store.Config{File: file})
}

func TestEmptyFilesAndNewOnesAreTaken(t *testing.T) {
	t.Parallel()
	empty := newFile(t)
	must(t, os.WriteFile(empty, nil, 0o600))
	begun := newFile(t) // as a simulator leaves it that was killed before it wrote to it
	db, err := bolt.Open(begun, 0o600, nil)
	must(t, err)
	must(t, db.Close())
	for _, file := range []string{newFile(t), empty, begun} {
		s := open(t, store.Config{File: file})
		sandbox, _ := create(t, s, settings())
		is := written(t, sandbox)
		must(t, s.Close())
		if got := written(t, open(t, store.Config{File: file}).First()); got != is {
			t.Errorf("read back it is\n%s\nand was\n%s", got, is)
		}
		if others, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "*")); len(others) != 1 {
			t.Errorf("there are %v", others)
		}
	}
}

func TestAFolderThatIsNotThereIsSaidToBe(t *testing.T) {
	t.Parallel()
	_, err := store.Open(store.Config{File: filepath.Join(t.TempDir(), "nowhere", "pictor.db")})
	if err == nil || !strings.Contains(err.Error(), "no such file or directory") {
		t.Errorf("refused with %v", err)
	}
}

// Whatever byte of a file goes wrong: it is refused, or the world is the right one
// because the byte meant nothing. And what is opened can be written to.
func TestAFlippedByteIsNoticedOrMeansNothing(t *testing.T) {
	t.Parallel()
	file, is := history(t)
	data, err := os.ReadFile(file)
	must(t, err)
	seed := rand.Uint64()
	t.Logf("seed %d, %d bytes", seed, len(data))
	random := rand.New(rand.NewPCG(seed, 0))
	spoilt := filepath.Join(t.TempDir(), "spoilt.db")
	places := []int{}
	for page := 0; page < len(data); page += os.Getpagesize() {
		// The heads of pages are small and matter most.
		places = append(places, page+random.IntN(16), page+random.IntN(64), page+random.IntN(os.Getpagesize()))
	}
	for at := range 100 { // all of the two heads of the file
		places = append(places, at, os.Getpagesize()+at)
	}
	opened := 0
	for _, at := range places {
		bad := slices.Clone(data)
		bad[at] ^= 1 << random.IntN(8)
		must(t, os.WriteFile(spoilt, bad, 0o600))
		if !refused(t, spoilt, is, "is") {
			continue
		}
		if opened++; opened%8 == 0 {
			writable(t, spoilt)
		}
	}
	t.Logf("%d of %d were opened, with the right world", opened, len(places))
	if opened == 0 || opened == len(places) {
		t.Error("that proves nothing")
	}
}

// writable changes every sandbox of a file and reads it back.
func writable(t *testing.T, file string) {
	t.Helper()
	s, err := store.Open(store.Config{File: file})
	must(t, err)
	for _, sandbox := range s.All() {
		must(t, sandbox.Update(rent("new")))
		must(t, sandbox.Reset())
	}
	is := world(t, s)
	must(t, s.Close())
	if !refused(t, file, is, "") {
		t.Fatal("after a change it is damaged")
	}
}

func TestAFileThatWasCutIsRefused(t *testing.T) {
	t.Parallel()
	file, is := history(t)
	data, err := os.ReadFile(file)
	must(t, err)
	cut := filepath.Join(t.TempDir(), "cut.db")
	lengths := []int{}
	for length := os.Getpagesize(); length < len(data); length += os.Getpagesize() {
		lengths = append(lengths, length, length-1-rand.IntN(os.Getpagesize()-1))
	}
	for _, length := range lengths {
		must(t, os.WriteFile(cut, data[:length], 0o600))
		refused(t, cut, is, "is")
	}
}

// A change that a disk has swallowed: the file has pages from before it.
func TestAnOldPageInANewFileIsNoticed(t *testing.T) {
	t.Parallel()
	file := newFile(t)
	s := open(t, store.Config{File: file})
	sandbox, _ := create(t, s, settings())
	for i := range 100 {
		must(t, sandbox.Update(rent(fmt.Sprint(i))))
	}
	old, err := os.ReadFile(file)
	must(t, err)
	for i := range 10 {
		must(t, sandbox.Update(rent(fmt.Sprint("more-", i))))
	}
	is := world(t, s)
	must(t, s.Close())
	data, err := os.ReadFile(file)
	must(t, err)
	stale, noticed := newFile(t), 0
	for page := 0; page < len(old) && page < len(data); page += os.Getpagesize() {
		bad, end := slices.Clone(data), page+os.Getpagesize()
		if copy(bad[page:end], old[page:end]); bytes.Equal(bad, data) {
			continue
		}
		must(t, os.WriteFile(stale, bad, 0o600))
		if !refused(t, stale, is, "is") {
			noticed++
		}
	}
	if noticed == 0 {
		t.Error("no page made a difference")
	}
}
