package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// BenchmarkRent rents from 64 goroutines, in memory and with a file, and says
// what a sync of a file costs here. Each operation takes a GPU for good, so give
// it a number: go test -bench Rent -benchtime 50000x.
func BenchmarkRent(b *testing.B) {
	const writers = 64
	for name, file := range map[string]string{"memory": "", "file": filepath.Join(b.TempDir(), "pictor.db")} {
		b.Run(name, func(b *testing.B) {
			var transactions, changes atomic.Int64
			if file != "" {
				_ = os.Remove(file) // of a run before
			}
			s := open(b, store.Config{File: file, Committed: func(n int, _ time.Duration) {
				transactions.Add(1)
				changes.Add(int64(n))
			}})
			sandbox, _ := create(b, s, settings(func(s *store.Settings) { s.Market.Hosts, s.Credits = 30_000, 1<<60 }))
			var offers []*engine.Offer
			sandbox.View(func(w *engine.World) {
				offers = w.Offers(func(o *engine.Offer) bool { return o.OS[0] == engine.Linux && o.GPUsAvailable >= 4 })
			})
			var number atomic.Int64
			b.SetParallelism(writers / runtime.GOMAXPROCS(0))
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					n := number.Add(1)
					offer := offers[n/4%int64(len(offers))]
					err := sandbox.Update(func(w *engine.World) error {
						_, err := w.Rent(engine.RentRequest{
							Name: fmt.Sprint("machine-", n), IdempotencyKey: fmt.Sprint(n),
							Spec: engine.Spec{OfferID: offer.ID, OS: engine.Linux, GPUCount: 1, StorageGB: 10, RentalHours: 1},
						})
						return err
					})
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rentals/s")
			if file != "" {
				info, err := os.Stat(file)
				must(b, err)
				b.ReportMetric(float64(info.Size())/float64(b.N), "file-B/op")
				b.ReportMetric(float64(changes.Load())/float64(transactions.Load()), "changes/sync")
				b.ReportMetric(float64(syncTime(b).Microseconds()), "µs/sync")
			}
		})
	}
}

// syncTime is what a sync costs after a page was written.
func syncTime(b *testing.B) time.Duration {
	const times = 50
	f, err := os.Create(filepath.Join(b.TempDir(), "sync"))
	must(b, err)
	defer f.Close()
	began := time.Now()
	for range times {
		_, err := f.WriteAt(make([]byte, os.Getpagesize()), 0)
		must(b, err)
		must(b, f.Sync())
	}
	return time.Since(began) / times
}

// BenchmarkOpen opens a file with 10,000 machines.
func BenchmarkOpen(b *testing.B) {
	const machines = 10_000
	file := newFile(b)
	s := open(b, store.Config{File: file})
	sandbox, _ := create(b, s, settings(func(s *store.Settings) { s.Market.Hosts, s.Credits = machines, 1<<60 }))
	must(b, sandbox.Update(func(w *engine.World) error {
		offers := w.Offers(func(o *engine.Offer) bool { return o.OS[0] == engine.Linux && o.GPUsAvailable >= 4 })
		for n := range machines {
			r := engine.RentRequest{Name: fmt.Sprint("machine-", n), Spec: engine.Spec{OfferID: offers[n/4].ID, OS: engine.Linux, GPUCount: 1, StorageGB: 10, RentalHours: 1}}
			if _, err := w.Rent(r); err != nil {
				return err
			}
		}
		return nil
	}))
	must(b, s.Close())
	for b.Loop() {
		s, err := store.Open(store.Config{File: file})
		must(b, err)
		must(b, s.Close())
	}
}
