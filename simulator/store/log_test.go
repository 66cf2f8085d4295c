package store_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// copied is a copy of a file that may be in use, as a crash leaves it.
func copied(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	must(t, err)
	other := newFile(t)
	must(t, os.WriteFile(other, data, 0o600))
	return other
}

// logged is how many bytes the log of a file has.
func logged(t *testing.T, file string) (length int) {
	t.Helper()
	db, err := bolt.Open(copied(t, file), 0o600, nil)
	must(t, err)
	defer db.Close()
	must(t, db.View(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte("log"))
		return b.ForEachBucket(func(number []byte) error {
			length += len(b.Bucket(number).Get([]byte("entry")))
			return nil
		})
	}))
	return length
}

// same wants a file to have a world, and to be good for more.
func same(t *testing.T, file, is string) {
	t.Helper()
	s := open(t, store.Config{File: file, Wall: noon})
	if got := world(t, s); got != is {
		t.Fatalf("read back it is\n%.2000s\nand was\n%.2000s", got, is)
	}
	must(t, s.Close())
	writable(t, file)
}

// rentMany makes a sandbox on a market of so many hosts and rents machines in it.
func rentMany(t *testing.T, s *store.Store, hosts, machines int) *store.Sandbox {
	t.Helper()
	sandbox, _ := create(t, s, settings(func(s *store.Settings) { s.Market.Hosts, s.Credits = hosts, 1<<60 }))
	must(t, sandbox.Update(func(w *engine.World) error {
		var free []string // an offer for each machine there is
		for _, o := range w.Offers(func(o *engine.Offer) bool { return o.OS[0] == engine.Linux }) {
			free = append(free, slices.Repeat([]string{o.ID}, min(o.GPUsAvailable, o.DiskAvailableGB/10))...)
		}
		for i := range machines {
			r := engine.RentRequest{Name: fmt.Sprint("machine-", i), Spec: engine.Spec{OfferID: free[i], OS: engine.Linux, GPUCount: 1, StorageGB: 10, RentalHours: 100}}
			if _, err := w.Rent(r); err != nil {
				return err
			}
		}
		return nil
	}))
	must(t, sandbox.Advance(t.Context(), time.Minute))
	return sandbox
}

// restart stops and starts all machines of a sandbox.
func restart(t *testing.T, sandbox *store.Sandbox) {
	t.Helper()
	for _, do := range []func(*engine.World, string) (engine.Instance, error){(*engine.World).Stop, (*engine.World).Start} {
		must(t, sandbox.Update(func(w *engine.World) error {
			for _, inst := range w.Instances(func(*engine.Instance) bool { return true }) {
				if _, err := do(w, inst.ID); err != nil {
					return err
				}
			}
			return nil
		}))
		must(t, sandbox.Advance(t.Context(), time.Minute))
	}
}

// longLog is how long the log may become.
const longLog = 16 << 20

func TestALogThatHasBecomeLongIsFoldedAndNothingIsLost(t *testing.T) {
	t.Parallel()
	const machines, enough = 2000, 20
	file := newFile(t)
	s := open(t, store.Config{File: file, Wall: noon})
	create(t, s, settings())
	must(t, s.First().Update(rent("waits in the log")))
	sandbox := rentMany(t, s, machines, machines)
	for folded, last, n := 0, 0, 0; folded < 2; n++ {
		if n == enough {
			t.Fatalf("after %d times the log was folded %d times", n, folded)
		}
		restart(t, sandbox)
		must(t, sandbox.Update(func(w *engine.World) error {
			_, err := w.Delete(w.Instances(func(*engine.Instance) bool { return true })[n].ID)
			return err
		}))
		must(t, sandbox.Update(rent(fmt.Sprint("more-", n), token(fmt.Sprint(n)))))
		must(t, sandbox.Advance(t.Context(), time.Minute))
		length := logged(t, file)
		if length > longLog {
			t.Fatalf("the log has %d bytes", length)
		}
		if length < last {
			folded++
			same(t, copied(t, file), world(t, s))
		}
		last = length
	}
	is := world(t, s)
	must(t, s.Close())
	same(t, file, is)
}

// Nobody waits until all of a long log is folded: a part of it is, whenever the next
// entry does not fit in.
func TestALongLogIsFoldedInParts(t *testing.T) {
	t.Parallel()
	const mega, part, enough = 1 << 20, 1 << 20, 40
	file := newFile(t)
	s := open(t, store.Config{File: file, Wall: noon})
	sandbox, _ := create(t, s, settings())
	gift := func(bytes int) {
		text := strings.Repeat("a gift ", bytes/7)
		must(t, sandbox.Update(func(w *engine.World) error { w.Deposit(1, text); return nil }))
	}
	for last, n := 0, 0; n < enough; n++ {
		gift(mega / 2)
		length := logged(t, file)
		if length > longLog || length < last-part {
			t.Fatalf("after gift %d the log has %d bytes, after %d", n, length, last)
		}
		last = length
	}
	same(t, copied(t, file), world(t, s))
	gift(longLog) // does not fit into any log
	if length := logged(t, file); length > 0 {
		t.Errorf("after the largest gift the log has %d bytes", length)
	}
	is := world(t, s)
	must(t, s.Close())
	same(t, file, is)
}

// A sandbox that ends or begins anew takes what it has in the log with it, also
// when that is written in one transaction with its last change.
func TestASandboxThatEndsLeavesNothingInTheLog(t *testing.T) {
	t.Parallel()
	file := newFile(t)
	synctest.Test(t, func(t *testing.T) {
		gate := newGate()
		s := open(t, store.Config{File: file, Wall: noon, Committed: gate.committed})
		kept, _ := create(t, s, settings())
		reset, _ := create(t, s, settings())
		deleted, _ := create(t, s, settings())
		for _, sandbox := range []*store.Sandbox{kept, reset, deleted} {
			must(t, sandbox.Update(rent("in the log")))
		}
		gate.shut.Store(true)
		defer gate.open()
		_, first := begun(func() error { return kept.Update(rent("under way")) })
		synctest.Wait()
		var results []func() error
		for _, do := range []func() error{
			func() error { return deleted.Update(rent("last")) },
			func() error { return kept.Update(rent("before")) },
			func() error { return reset.Update(rent("last")) },
			reset.Reset,
			func() error { return s.Delete(deleted.ID()) },
			func() error { return reset.Update(rent("again")) },
			func() error { return kept.Update(rent("after")) },
		} {
			_, result := begun(do)
			synctest.Wait()
			results = append(results, result)
		}
		gate.let()
		must(t, first())
		gate.let()
		for _, result := range results {
			must(t, result())
		}
		gate.open()
		is := world(t, s)
		must(t, s.Close())
		same(t, file, is)
	})
}

// A file of version 1 has no log; one of version 2 has, of an offer on which instances
// stand, how it was when prices were set. What the sandboxes were is in snapshots of
// that time.
func TestFilesAndSnapshotsOfOlderVersionsAreRead(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1", "2"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			document, err := os.ReadFile(filepath.Join("testdata", "version-"+version+".json"))
			must(t, err)
			var snapshots []json.RawMessage
			must(t, json.Unmarshal(document, &snapshots))
			file := copied(t, filepath.Join("testdata", "version-"+version+".db"))
			for range 2 { // reading it changes nothing
				s := open(t, store.Config{File: file, Wall: noon})
				for i, sandbox := range s.All() {
					isAsItWas(t, sandbox, snapshots[i])
					if owner, ok := s.ByKey(fmt.Sprint("secret-", i)); !ok || owner != sandbox {
						t.Errorf("sandbox %s has lost its key", sandbox.ID())
					}
				}
				if s.Len() != len(snapshots) {
					t.Errorf("there are %d sandboxes", s.Len())
				}
				must(t, s.Close())
				if got := versionOf(t, file); got != version {
					t.Errorf("unchanged it has version %s", got)
				}
			}
			s := open(t, store.Config{File: file, Wall: noon})
			must(t, s.First().Update(rent("one more")))
			is := world(t, s)
			must(t, s.Close())
			if got := versionOf(t, file); got != "3" {
				t.Errorf("changed it has version %s", got)
			}
			same(t, file, is)
		})
	}
}

// isAsItWas wants a sandbox, and those that are restored from the snapshot however it
// was read, to be what the snapshot says, also of the offers.
func isAsItWas(t *testing.T, sandbox *store.Sandbox, snapshot []byte) {
	t.Helper()
	var was struct{ World engine.State }
	must(t, json.Unmarshal(snapshot, &was))
	for i, o := range was.World.Offers {
		was.World.Market[i] = o
	}
	parsed, err := store.ParseSnapshot(snapshot)
	must(t, err)
	var decoded store.Snapshot
	must(t, json.Unmarshal(snapshot, &decoded))
	s := open(t, store.Config{Wall: noon})
	restored, _ := create(t, s, settings())
	must(t, restored.Restore(parsed))
	begun, _, err := s.Restore(decoded, "", "")
	must(t, err)
	for _, sandbox := range []*store.Sandbox{sandbox, restored, begun} {
		sandbox.View(func(w *engine.World) {
			s := w.State()
			for name, parts := range map[string][2]any{
				"instances": {s.Instances, was.World.Instances}, "ledger": {s.Ledger, was.World.Ledger},
				"SSH keys": {s.SSHKeys, was.World.SSHKeys}, "answers": {s.Answers, was.World.Answers}, "fingerprints": {s.Fingerprints, was.World.Fingerprints},
			} {
				is, err := json.Marshal(parts[0])
				must(t, err)
				if was, err := json.Marshal(parts[1]); err != nil || string(is) != string(was) {
					t.Errorf("%s of %s are\n%s\nand were\n%s", name, sandbox.ID(), is, was)
				}
			}
			for _, was := range was.World.Market {
				if o, err := w.Offer(was.ID); err != nil || o.GPUsAvailable != was.GPUsAvailable || o.DiskAvailableGB != was.DiskAvailableGB || o.PricePerGPUHour != was.PricePerGPUHour {
					t.Errorf("offer %s of %s is %+v, and was %+v", was.ID, sandbox.ID(), o, was)
				}
			}
			ids := map[string]bool{}
			for name := range was.World.Names {
				r := request(w, name)
				if inst, err := w.Copy().Rent(r); err == nil { // else an instance has it
					ids[inst.ID] = true
				}
			}
			for _, e := range was.World.Ledger {
				if ids[e.InstanceID] {
					t.Errorf("%s would rent %s a second time", sandbox.ID(), e.InstanceID)
				}
			}
		})
	}
}

func versionOf(t *testing.T, file string) (version string) {
	t.Helper()
	db, err := bolt.Open(file, 0o600, &bolt.Options{ReadOnly: true})
	must(t, err)
	defer db.Close()
	must(t, db.View(func(tx *bolt.Tx) error {
		version = string(tx.Bucket([]byte("pictor-sim")).Get([]byte("version")))
		return nil
	}))
	return version
}
