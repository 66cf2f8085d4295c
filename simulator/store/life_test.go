package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// life is what happens to one sandbox, and to a fork of it, step by step. The
// wall clock stands still, so a step does the same in every store.
type life struct {
	seed   uint64
	number int
}

func (l life) main() string { return fmt.Sprintf("life-%d-main", l.number) }
func (l life) fork() string { return fmt.Sprintf("life-%d-fork", l.number) }

// noon is when the wall clocks of all lives stand.
func noon() time.Time { return time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC) }

// step carries out one step: one change, which a store makes or does not. A
// refusal is an outcome like any other; what is returned is a failure.
func (l life) step(s *store.Store, n int) error {
	random := rand.New(rand.NewPCG(l.seed, uint64(l.number)<<32|uint64(n)))
	var err error
	sandbox, lives := s.ByKey(l.main())
	switch what := random.IntN(40); {
	case !lives:
		_, _, err = s.Create(settings(func(s *store.Settings) {
			s.Market.Hosts, s.Credits, s.Seed = 6, 500*engine.Credit, l.seed%3
		}), l.main())
	case what == 0:
		err = sandbox.Reset()
	case what == 1:
		err = sandbox.Restore(l.canned(random.Uint64N(3)))
	case what <= 3:
		if fork, forked := s.ByKey(l.fork()); forked {
			err = s.Delete(fork.ID())
		} else {
			_, _, err = sandbox.Fork("fork", l.fork())
		}
	case what == 4:
		_, _, err = sandbox.CreateKey("extra", fmt.Sprintf("life-%d-extra-%d", l.number, n))
	case what == 5:
		var keys []engine.APIKey
		sandbox.View(func(w *engine.World) { keys = w.APIKeys() })
		if i := random.IntN(len(keys)); i > 0 { // the first one is needed
			_, err = sandbox.RevokeKey(keys[i].ID)
		}
	case what == 6:
		err = sandbox.SetClock([]string{"frozen", "poll=1", "real", "x60"}[random.IntN(4)])
	case what <= 10:
		err = sandbox.Advance(context.Background(), time.Duration(random.Int64N(int64(20*time.Hour))))
	case what <= 13:
		var ids []string
		sandbox.View(func(w *engine.World) { ids = instanceIDs(w) })
		visit := sandbox.Arrive()
		err = visit.Observed(ids...)
	default:
		err = sandbox.Update(func(w *engine.World) error { return change(w, random, n) })
	}
	if refusal := (*engine.Error)(nil); errors.As(err, &refusal) {
		return nil
	}
	return err
}

// change carries a random command out.
func change(w *engine.World, random *rand.Rand, n int) (err error) {
	one := func(ids []string) string {
		if len(ids) == 0 {
			return "nothing"
		}
		return ids[random.IntN(len(ids))]
	}
	keyIDs := []string{}
	for _, key := range w.SSHKeys() {
		keyIDs = append(keyIDs, key.ID)
	}
	inst := one(instanceIDs(w))
	switch what := random.IntN(20); {
	case what < 6:
		err = rent(fmt.Sprintf("machine-%d", random.IntN(30)), func(r *engine.RentRequest) {
			r.RentalHours, r.AutoRenew = 1+random.IntN(30), random.IntN(2) == 0
			if random.IntN(3) == 0 {
				r.IdempotencyKey = fmt.Sprint(random.IntN(5))
			}
			if random.IntN(8) == 0 {
				r.Name += engine.FailProvisioningLabel
			}
			if r.OS == engine.Linux && len(keyIDs) > 0 {
				r.SSHKeyIDs = []string{one(keyIDs)}
			}
		})(w)
	case what == 6:
		_, err = w.Extend(inst, 1+random.IntN(5), "")
	case what == 7:
		_, err = w.Extend(inst, 2, fmt.Sprint("extend-", random.IntN(3)))
	case what == 8:
		_, err = w.Stop(inst)
	case what == 9:
		_, err = w.Start(inst)
	case what == 10:
		_, err = w.Delete(inst)
	case what == 11:
		_, err = w.Rename(inst, fmt.Sprintf("renamed-%d", random.IntN(30)))
	case what == 12:
		_, err = w.SetAutoRenew(inst, random.IntN(2) == 0)
	case what == 13:
		_, err = w.SetSSHKeys(inst, keyIDs)
	case what == 14:
		_, err = w.AddSSHKey(fmt.Sprint("key-", n), publicKey(random.IntN(20)))
	case what == 15:
		err = w.DeleteSSHKey(one(keyIDs))
	case what == 16:
		w.Deposit(engine.Credits(random.IntN(100))*engine.Credit, "top-up")
	case what == 17:
		w.Reprice(func(o engine.Offer) engine.Credits { return o.PricePerGPUHour + 1 })
	case what == 18:
		err = w.KillHost(inst, time.Duration(random.IntN(3))*time.Hour)
	default:
		err = w.WithdrawOffer(request(w, "").OfferID)
	}
	return err
}

func instanceIDs(w *engine.World) (ids []string) {
	for _, inst := range w.Instances(func(*engine.Instance) bool { return true }) {
		ids = append(ids, inst.ID)
	}
	return ids
}

// canned is a snapshot to restore.
func (l life) canned(seed uint64) store.Snapshot {
	s, _ := store.Open(store.Config{Wall: noon})
	sandbox, _, err := s.Create(settings(func(s *store.Settings) {
		s.Market.Hosts, s.Credits, s.Seed, s.Name = 4, 100*engine.Credit, seed, fmt.Sprint("canned ", seed)
	}), "")
	if err != nil {
		panic(err)
	}
	_ = sandbox.Update(rent("canned"))
	return sandbox.Snapshot()
}

// is is what a life has come to: its sandbox and the fork, as JSON.
func (l life) is(s *store.Store) (all string) {
	for _, secret := range []string{l.main(), l.fork()} {
		sandbox, ok := s.ByKey(secret)
		if !ok {
			all += "none\n"
			continue
		}
		now := sandbox.Snapshot()
		now.World.Head.Account = engine.Account{} // goes by the place of the sandbox in its store
		// What is too old to be kept goes with the next change.
		now.World.Answers = slices.DeleteFunc(now.World.Answers, func(a engine.Answer) bool {
			return now.World.Head.Now.Sub(a.At) >= 24*time.Hour
		})
		data, err := json.Marshal(now)
		if err != nil {
			panic(err)
		}
		all += string(data) + "\n"
	}
	return all
}

// Whatever happens, with a file it comes to the same as without, also when the
// store is closed and opened in between.
func TestAFileKeepsWhatMemoryWould(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		life := life{seed: rapid.Uint64().Draw(rt, "seed")}
		file, n := newFile(t), 0
		memory := open(t, store.Config{Wall: noon})
		for _, steps := range rapid.SliceOfN(rapid.IntRange(1, 12), 1, 5).Draw(rt, "steps between two starts") {
			kept, err := store.Open(store.Config{File: file, Wall: noon})
			if err != nil {
				rt.Fatal(err)
			}
			defer func() { kept.Close() }() // closed already, unless this fails
			for range steps {
				if err := errors.Join(life.step(memory, n), life.step(kept, n)); err != nil {
					rt.Fatal(err)
				}
				n++
			}
			compare(rt, life, kept, memory)
			if err := kept.Close(); err != nil {
				rt.Fatal(err)
			}
			if kept, err = store.Open(store.Config{File: file, Wall: noon}); err != nil {
				rt.Fatal(err)
			}
			compare(rt, life, kept, memory)
			if err := kept.Close(); err != nil {
				rt.Fatal(err)
			}
		}
	})
}

func compare(t rapid.TB, l life, kept, memory *store.Store) {
	t.Helper()
	if got, want := l.is(kept), l.is(memory); got != want {
		t.Fatalf("the file has\n%s\nand memory\n%s", got, want)
	}
}

// The same from several goroutines at once, with readers that look on.
func TestLivesInOneFileDoNotMeet(t *testing.T) {
	t.Parallel()
	const lives, steps, spells = 8, 60, 3
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	file := newFile(t)
	for spell := range spells {
		s := open(t, store.Config{File: file, Wall: noon})
		ctx, stop := context.WithCancel(t.Context())
		var writers, readers sync.WaitGroup
		for number := range lives {
			l := life{seed, number}
			writers.Go(func() {
				for n := range steps {
					if err := l.step(s, spell*steps+n); err != nil {
						t.Errorf("life %d, step %d: %v", number, n, err)
						return
					}
				}
			})
		}
		readers.Go(func() {
			for ctx.Err() == nil {
				for _, sandbox := range s.All() {
					addsUp(t, sandbox)
					_ = written(t, sandbox) // while it is changed
				}
			}
		})
		writers.Wait()
		stop()
		readers.Wait()
		must(t, s.Close())
	}
	s, memory := open(t, store.Config{File: file, Wall: noon}), open(t, store.Config{Wall: noon})
	for number := range lives {
		l := life{seed, number}
		for n := range spells * steps {
			must(t, l.step(memory, n))
		}
		if got, want := l.is(s), l.is(memory); got != want {
			t.Errorf("life %d has come to\n%s\nand in memory to\n%s", number, got, want)
		}
	}
}

// addsUp checks what a reader must find at every moment: no machine without its
// charge, no charge without its machine unless that is deleted.
func addsUp(t *testing.T, sandbox *store.Sandbox) {
	t.Helper()
	sandbox.View(func(w *engine.World) {
		paid, balance := map[string]engine.Credits{}, engine.Credits(0)
		for _, e := range w.Ledger() {
			balance += e.Amount
			paid[e.InstanceID] -= e.Amount
		}
		if w.Balance() != balance {
			t.Errorf("the balance is %d and the ledger's sum %d", w.Balance(), balance)
		}
		for _, inst := range w.Instances(func(*engine.Instance) bool { return true }) {
			if paid[inst.ID] != inst.CostSoFar {
				t.Errorf("%s cost %d and %d was charged", inst.Name, inst.CostSoFar, paid[inst.ID])
			}
		}
	})
}
