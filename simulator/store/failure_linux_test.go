package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// breakDisk makes every write to a file that this process has open fail, as a
// disk that turns read-only does.
func breakDisk(t *testing.T, file string) {
	t.Helper()
	links, err := filepath.Glob("/proc/self/fd/*")
	must(t, err)
	for _, link := range links {
		if target, _ := os.Readlink(link); target != file {
			continue
		}
		fd, err := strconv.Atoi(filepath.Base(link))
		must(t, err)
		readOnly, err := syscall.Open(file, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		must(t, err)
		must(t, syscall.Dup3(readOnly, fd, syscall.O_CLOEXEC))
		must(t, syscall.Close(readOnly))
		return
	}
	t.Fatalf("%s is not open", file)
}

func TestAfterAFailedWriteReadersSeeWhatIsOnDiskAndNothingIsTaken(t *testing.T) {
	t.Parallel()
	for name, breaks := range map[string]func(t *testing.T, file string){
		"the disk takes nothing": breakDisk,
		"the file is cut":        func(t *testing.T, file string) { must(t, os.Truncate(file, 0)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := newFile(t)
			gate := newGate()
			s := open(t, store.Config{File: file, Committed: gate.committed})
			a, secret := create(t, s, settings())
			b, _ := create(t, s, settings())
			must(t, a.Update(rent("kept")))
			isA, isB := written(t, a), written(t, b)
			copied, err := os.ReadFile(file)
			must(t, err)
			key, _, err := a.CreateKey("kept", "")
			must(t, err)

			breaks(t, file)
			var all sync.WaitGroup
			for i := range 16 {
				for _, sandbox := range []*store.Sandbox{a, b} {
					all.Go(func() { failed(t, file, sandbox.Update(rent(fmt.Sprint("lost-", i)))) })
				}
			}
			all.Go(func() { failed(t, file, a.Reset()) })
			all.Go(func() { failed(t, file, b.Restore(a.Snapshot())) })
			all.Go(func() { failed(t, file, s.Delete(b.ID())) })
			all.Go(func() {
				_, _, err := s.Create(settings(), "a-new-secret")
				failed(t, file, err)
			})
			all.Go(func() {
				_, err := a.RevokeKey(key.ID)
				failed(t, file, err)
			})
			all.Wait()

			if got := names(a); !slices.Equal(got, []string{"kept"}) || len(names(b)) != 0 {
				t.Errorf("readers see %v and %v", got, names(b))
			}
			if got := written(t, b); got != isB {
				t.Errorf("readers see\n%s\nand on disk is\n%s", got, isB)
			}
			if _, ok := s.ByKey(secret); !ok || s.Len() != 2 {
				t.Error("a sandbox is gone")
			}
			a.View(func(w *engine.World) {
				if keys := w.APIKeys(); len(keys) != 2 || !keys[1].RevokedAt.IsZero() {
					t.Errorf("readers see the keys %v", keys)
				}
			})
			failed(t, file, s.Err())
			failed(t, file, a.Update(rent("late")))
			failed(t, file, s.Delete(a.ID()))

			_ = s.Close()
			before := newFile(t)
			must(t, os.WriteFile(before, copied, 0o600))
			s = open(t, store.Config{File: before})
			if back, _ := s.ByKey(secret); written(t, back) != isA {
				t.Errorf("after a restart it is\n%s\nand was\n%s", written(t, back), isA)
			}
		})
	}
}

// failed wants an error that names the file and says what to do.
func failed(t *testing.T, file string, err error) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "started anew") {
		t.Errorf("the change is answered %v", err)
	}
}
