package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// Whatever is rented while worlds end is in one of those that are told of, and in
// no two.
func TestWorldsThatEndAreToldOnceAndInFull(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{"in memory": "", "with a data file": newFile(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var told atomic.Int64
			s := open(t, store.Config{File: file, Ended: func(_ string, l store.Life, _ string) {
				told.Add(l.World.Rentals() - l.Rentals)
			}})
			sandbox, _ := create(t, s, settings(func(s *store.Settings) { s.Credits = 1_000_000 * engine.Credit }))
			rents := func(name string) error { return sandbox.Update(rent(name)) }
			must(t, rents("before"))
			snapshot := sandbox.Snapshot()
			var rented atomic.Int64
			rented.Add(1)

			var all sync.WaitGroup
			for i := range 4 {
				all.Go(func() {
					for n := 0; ; n++ {
						switch err := rents(fmt.Sprintf("machine-%d-%d", i, n)); {
						case err == nil:
							rented.Add(1)
						case isCode(err, engine.CodeNotFound): // the sandbox is no more
							return
						}
					}
				})
				all.Go(func() {
					for range 10 {
						if i%2 == 0 {
							_ = sandbox.Reset()
						} else {
							_ = sandbox.Restore(snapshot)
						}
					}
					_ = s.Delete(sandbox.ID())
				})
			}
			all.Wait()
			if told.Load() != rented.Load() {
				t.Errorf("%d rentals were acknowledged, and the worlds that ended had %d", rented.Load(), told.Load())
			}
		})
	}
}
