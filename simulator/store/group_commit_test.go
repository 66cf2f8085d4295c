package store_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/dialect"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// gate holds the committer between a transaction and those who wait for it,
// once it is shut.
type gate struct {
	shut    atomic.Bool
	passing chan struct{}
}

func newGate() *gate { return &gate{passing: make(chan struct{})} }

func (g *gate) committed(int, time.Duration) {
	if g.shut.Load() {
		g.passing <- struct{}{}
	}
}

// let lets one transaction through.
func (g *gate) let() { <-g.passing }

func (g *gate) open() {
	g.shut.Store(false)
	select {
	case <-g.passing:
	default:
	}
}

// begun carries something out on a goroutine of its own and tells whether it has
// ended when nothing moves any more.
func begun(do func() error) (ended func() bool, result func() error) {
	done := make(chan error, 1)
	go func() { done <- do() }()
	return func() bool { synctest.Wait(); return len(done) == 1 }, func() error { return <-done }
}

func TestReadersSeeTheWorldBeforeWhatIsUnderWayAndDoNotWait(t *testing.T) {
	t.Parallel()
	file := newFile(t)
	synctest.Test(t, func(t *testing.T) {
		gate := newGate()
		s := open(t, store.Config{File: file, Committed: gate.committed})
		sandbox, _ := create(t, s, settings())
		must(t, sandbox.Update(rent("first")))
		before := balance(sandbox)

		gate.shut.Store(true)
		defer gate.open()
		ended, result := begun(func() error { return sandbox.Update(rent("second")) })
		if ended() {
			t.Fatal("the answer left before the committer was done")
		}
		third, result3 := begun(func() error { return sandbox.Update(rent("third")) })
		if third() {
			t.Fatal("the answer of the third left before the committer was done")
		}
		if got := names(sandbox); !slices.Equal(got, []string{"first"}) || balance(sandbox) != before {
			t.Errorf("readers see %v and %d", got, balance(sandbox))
		}
		gate.let()
		must(t, result())
		if third() {
			t.Error("the third is answered with the transaction of the second")
		}
		if got := names(sandbox); !slices.Equal(got, []string{"first", "second"}) {
			t.Errorf("readers see %v", got)
		}
		gate.let()
		must(t, result3())
		if got := names(sandbox); !slices.Equal(got, []string{"first", "second", "third"}) {
			t.Errorf("readers see %v", got)
		}
	})
}

// What a delete prevents must not be seen to happen while it is on its way, nor
// time to run on at a pace that has been changed.
func TestNothingBecomesDueForReadersThatAChangeUnderWayPrevents(t *testing.T) {
	t.Parallel()
	file := newFile(t)
	synctest.Test(t, func(t *testing.T) {
		gate, wall := newGate(), newWallClock()
		s := open(t, store.Config{File: file, Wall: wall.now, Committed: gate.committed})
		sandbox, _ := create(t, s, settings(clock("x60")))
		must(t, sandbox.Update(rent("renewed", func(r *engine.RentRequest) { r.AutoRenew = true })))
		wall.pass(30 * time.Second)
		before := balance(sandbox)
		var then time.Time
		sandbox.View(func(w *engine.World) { then = w.Now() })

		gate.shut.Store(true)
		defer gate.open()
		_, result := begun(func() error {
			return sandbox.Update(func(w *engine.World) error {
				w.SetClock(engine.Clock{}, wall.now())
				_, err := w.Delete(w.Instances(func(*engine.Instance) bool { return true })[0].ID)
				return err
			})
		})
		synctest.Wait()
		wall.pass(2 * time.Minute) // two renewals
		if got := balance(sandbox); got != before {
			t.Errorf("readers see a balance of %d, and it was %d", got, before)
		}
		gate.let()
		must(t, result())
		sandbox.View(func(w *engine.World) {
			if w.Now().Before(then) {
				t.Errorf("time has gone back from %s to %s", then, w.Now())
			}
		})
		if got := balance(sandbox); got != before {
			t.Errorf("after the delete the balance is %d, want %d", got, before)
		}
	})
}

// A refusal can rest on a change that a crash could still take back: then it has
// to wait like any other answer.
func TestRefusalsWaitForWhatTheyRestOn(t *testing.T) {
	t.Parallel()
	file := newFile(t)
	synctest.Test(t, func(t *testing.T) {
		gate := newGate()
		s := open(t, store.Config{File: file, Committed: gate.committed})
		sandbox, _ := create(t, s, settings())
		gate.shut.Store(true)
		defer gate.open()
		_, result := begun(func() error { return sandbox.Update(rent("taken", token("once"))) })
		synctest.Wait()
		again, refusal := begun(func() error { return sandbox.Update(rent("taken")) })
		if again() {
			t.Error("the name is said to be taken before that is on disk")
		}
		gate.let()
		must(t, result())
		if err := refusal(); !isCode(err, engine.CodeValidation) {
			t.Errorf("the second one is answered %v", err)
		}
		// With nothing under way it does not wait.
		if err := sandbox.Update(rent("taken")); !isCode(err, engine.CodeValidation) {
			t.Errorf("the third one is answered %v", err)
		}
	})
}

func TestResetAndRestoreShowNothingBeforeTheyAreOnDisk(t *testing.T) {
	t.Parallel()
	file := newFile(t)
	synctest.Test(t, func(t *testing.T) {
		gate := newGate()
		s := open(t, store.Config{File: file, Committed: gate.committed})
		sandbox, secret := create(t, s, settings())
		must(t, sandbox.Update(rent("old")))
		other, _ := create(t, s, settings(func(s *store.Settings) {
			s.Name, s.Dialect = "other", dialect.Dialect{Create: 202}
		}))
		must(t, other.Update(rent("new")))
		from := other.Snapshot()

		gate.shut.Store(true)
		defer gate.open()
		_, one := begun(func() error { return sandbox.Update(rent("under way")) })
		synctest.Wait() // the committer has it
		_, two := begun(func() error { return sandbox.Restore(from) })
		synctest.Wait()
		_, three := begun(func() error { return sandbox.Update(rent("on top")) })
		synctest.Wait()
		if got := names(sandbox); !slices.Equal(got, []string{"old"}) || sandbox.Settings().Name != "" {
			t.Errorf("readers see %v of %q", got, sandbox.Settings().Name)
		}
		gate.let()
		must(t, one())
		synctest.Wait()
		if got := names(sandbox); !slices.Equal(got, []string{"old", "under way"}) || sandbox.Settings().Dialect.Create == 202 {
			t.Errorf("readers see %v of %q", got, sandbox.Settings().Name)
		}
		gate.let()
		must(t, two())
		must(t, three())
		if got := names(sandbox); !slices.Equal(got, []string{"new", "on top"}) || sandbox.Settings().Name != "other" || sandbox.Settings().Dialect.Create != 202 {
			t.Errorf("readers see %v of %q", got, sandbox.Settings().Name)
		}
		gate.open()
		is := written(t, sandbox)
		must(t, s.Close())
		s = open(t, store.Config{File: file})
		back, ok := s.ByKey(secret)
		if !ok || written(t, back) != is {
			t.Errorf("after a restart it is\n%s\nand was\n%s", written(t, back), is)
		}
	})
}

func TestADeletedSandboxIsSaidToBeGoneWhenItIs(t *testing.T) {
	t.Parallel()
	file := newFile(t)
	synctest.Test(t, func(t *testing.T) {
		gate := newGate()
		s := open(t, store.Config{File: file, Committed: gate.committed})
		sandbox, secret := create(t, s, settings())
		gate.shut.Store(true)
		defer gate.open()
		_, change := begun(func() error { return sandbox.Update(rent("under way")) })
		synctest.Wait()
		gone, deletion := begun(func() error { return s.Delete(sandbox.ID()) })
		if gone() {
			t.Error("it is said to be gone before that is on disk")
		}
		for what, do := range map[string]func() error{
			"delete": func() error { return s.Delete(sandbox.ID()) },
			"update": func() error { return sandbox.Update(rent("late")) },
			"reset":  sandbox.Reset,
		} {
			ended, result := begun(do)
			if ended() {
				t.Errorf("%s is refused before the deletion is on disk", what)
			}
			defer func() {
				if err := result(); !isCode(err, engine.CodeNotFound) {
					t.Errorf("%s is answered %v", what, err)
				}
			}()
		}
		if _, ok := s.ByKey(secret); !ok {
			t.Error("its key is not valid, though it may be there after a crash")
		}
		gate.let()
		must(t, change())
		gate.let()
		must(t, deletion())
		if _, ok := s.ByKey(secret); ok || s.Len() != 0 {
			t.Error("it is still there")
		}
	})
}

func TestManyWritersShareTransactions(t *testing.T) {
	t.Parallel()
	const writers, each = 64, 8
	var transactions, changes atomic.Int64
	s := open(t, store.Config{File: newFile(t), Committed: func(n int, _ time.Duration) {
		transactions.Add(1)
		changes.Add(int64(n))
	}})
	sandbox, _ := create(t, s, settings())
	transactions.Store(0)
	changes.Store(0)
	var all sync.WaitGroup
	for writer := range writers {
		all.Go(func() {
			for i := range each {
				var mine int
				err := sandbox.Update(func(w *engine.World) error {
					w.Deposit(1, fmt.Sprintf("%d/%d", writer, i))
					mine = len(w.Ledger())
					return nil
				})
				if err != nil {
					t.Error(err)
				}
				// In order: what was done before it is there as well.
				sandbox.View(func(w *engine.World) {
					if seen := w.Ledger(); len(seen) < mine || seen[mine-1].Description != fmt.Sprintf("%d/%d", writer, i) {
						t.Errorf("entry %d was acknowledged and readers see %d", mine, len(seen))
					}
				})
			}
		})
	}
	all.Wait()
	if changes.Load() != writers*each || transactions.Load() > writers*each/8 {
		t.Errorf("%d changes took %d transactions", changes.Load(), transactions.Load())
	}
	t.Logf("%d changes, %d transactions", changes.Load(), transactions.Load())
}

// Where many changes come together, a transaction waits for those that follow
// closely, but not for ever and not for all; a lone one waits for nothing.
func TestATransactionWaitsForMoreWhereManyComeTogether(t *testing.T) {
	t.Parallel()
	file := newFile(t)
	synctest.Test(t, func(t *testing.T) {
		const each, closely = time.Millisecond, 60 * time.Microsecond // a transaction takes
		var sizes []int
		gate := newGate()
		s := open(t, store.Config{File: file, Committed: func(n int, took time.Duration) {
			sizes = append(sizes, n)
			time.Sleep(each)
			gate.committed(n, took)
		}})
		sandbox, _ := create(t, s, settings())
		deposit := func() {
			must(t, sandbox.Update(func(w *engine.World) error { w.Deposit(1, "more"); return nil }))
		}
		// come lets changes come one after the other, and returns the sizes of their
		// transactions and how long it was until the last one was answered.
		come := func(n int, apart time.Duration) (in []int, took time.Duration) {
			began, before := time.Now(), len(sizes)
			var all sync.WaitGroup
			for i := range n {
				if all.Go(deposit); i < n-1 {
					time.Sleep(apart)
				}
			}
			all.Wait()
			return sizes[before:], time.Since(began)
		}
		if in, took := come(1, 0); took != each {
			t.Errorf("a lone change took %s: %v", took, in)
		}
		if in, _ := come(10, each+closely); len(in) < 10 {
			t.Errorf("changes that came one by one were written in transactions of %v", in)
		}
		gate.shut.Store(true)
		for range 21 {
			go deposit()
			synctest.Wait() // the first is under way, the others wait
		}
		gate.let()
		gate.let()
		gate.open()
		synctest.Wait()
		if in, _ := come(10, closely); !slices.Equal(in, []int{10}) {
			t.Errorf("10 changes that followed each other closely were written in transactions of %v", in)
		}
		if in, _ := come(100, closely); in[0] >= 10 || slices.Max(in) > int(2*each/closely)+1 {
			t.Errorf("100 changes in %s were written in transactions of %v", 100*closely, in)
		}
		if in, took := come(1, 0); took <= each || took > 2*each {
			t.Errorf("the first lone change took %s: %v", took, in)
		}
		if in, took := come(1, 0); took != each {
			t.Errorf("the second lone change took %s: %v", took, in)
		}
	})
}
