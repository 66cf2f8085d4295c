package store

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// committer writes changes to the file: one transaction has everything that has
// come together while the last one was being written, and is answered when it is
// on disk. The transactions of a sandbox arrive in the order of its changes.
type committer struct {
	file      *file
	committed func(changes int, took time.Duration)

	came    atomic.Int64  // changes so far
	awaited atomic.Int64  // how many of them are worth a transaction
	full    chan struct{} // has a token when they have come
	written int64         // of them
	enough  int64         // together, to wait for no more
	took    time.Duration // by the last transaction

	mu     sync.Mutex
	queue  []job
	wake   chan struct{} // has a token when the queue has something
	failed error         // for good: after a failed write nobody knows what is on disk
	closed bool
	ended  chan struct{}
}

// job is a part of a transaction.
type job interface {
	// write is called once, in the transaction; it answers how many changes it wrote.
	write(tx *transaction) (changes int, err error)
	// arrived is called once, when the transaction is on disk or has failed.
	arrived(err error)
}

func newCommitter(f *file, committed func(int, time.Duration)) *committer {
	c := &committer{file: f, committed: committed, wake: make(chan struct{}, 1), full: make(chan struct{}, 1), ended: make(chan struct{})}
	if c.committed == nil {
		c.committed = func(int, time.Duration) {}
	}
	go c.run()
	return c
}

// errClosed refuses changes that come after the end.
var errClosed = errors.New("the simulator is shutting down: the change was not made")

func (c *committer) err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed && c.failed == nil {
		return errClosed
	}
	return c.failed
}

// push lets a job wait for the next transaction. One that comes too late is
// refused, and never arrives.
func (c *committer) push(j job) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed != nil {
		return c.failed
	}
	if c.closed {
		return errClosed
	}
	c.queue = append(c.queue, j)
	select {
	case c.wake <- struct{}{}:
	default:
	}
	return nil
}

func (c *committer) run() {
	defer close(c.ended)
	for range c.wake {
		c.tarry()
		c.mu.Lock()
		jobs, failed := c.queue, c.failed
		c.queue = nil
		c.mu.Unlock()
		c.commit(jobs, failed)
	}
}

const (
	many     = 8                    // changes at a time; with fewer none waits for more
	patience = 8 * time.Millisecond // a transaction waits no longer than that
)

// tarry lets more changes come. A transaction costs much, however few changes it has:
// so where many come together, the next one waits for most of them, at most as long
// as the last one took. Those that come later have the processors meanwhile.
func (c *committer) tarry() {
	runtime.Gosched() // whoever was answered just now may have the next change at hand
	select {
	case <-c.full: // of an earlier wait
	default:
	}
	c.awaited.Store(c.written + c.enough)
	if c.came.Load() >= c.awaited.Load() {
		return
	}
	late := time.NewTimer(min(c.took, patience))
	defer late.Stop()
	select {
	case <-c.full:
	case <-late.C:
	}
}

// comes counts a change that is going to be pushed.
func (c *committer) comes() {
	if c.came.Add(1) == c.awaited.Load() {
		select {
		case c.full <- struct{}{}:
		default:
		}
	}
}

// learn takes note of a transaction that is on disk.
func (c *committer) learn(changes int, took time.Duration) {
	c.took = took
	c.written += int64(changes)
	together := c.came.Load() - c.written + int64(changes)
	if c.enough = 0; together >= many {
		c.enough = together * 5 / 8
	}
}

// commit writes jobs in one transaction, unless writing has failed before.
func (c *committer) commit(jobs []job, failed error) {
	if len(jobs) == 0 {
		return
	}
	if failed == nil {
		began, changes := time.Now(), 0
		err := c.file.update(func(tx *transaction) error {
			for _, j := range jobs {
				n, err := j.write(tx)
				if err != nil {
					return err
				}
				changes += n
			}
			return nil
		})
		if err == nil {
			c.committed(changes, time.Since(began))
			c.learn(changes, time.Since(began))
		} else {
			failed = fmt.Errorf("%s cannot be written: %w. Whether the change was made shows when the simulator is started anew; until then it takes no other", c.file.path, err)
			c.mu.Lock()
			c.failed = failed
			c.mu.Unlock()
		}
	}
	for _, j := range jobs {
		j.arrived(failed)
	}
}

// close writes what is waiting and closes the file.
func (c *committer) close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil
	}
	c.closed = true
	close(c.wake)
	c.mu.Unlock()
	<-c.ended
	c.mu.Lock()
	jobs, failed := c.queue, c.failed
	c.queue = nil
	c.mu.Unlock()
	c.commit(jobs, failed)
	return c.file.close()
}

// sandboxJob writes what a sandbox has gathered.
type sandboxJob struct{ sandbox *Sandbox }

func (j *sandboxJob) write(tx *transaction) (int, error) {
	sealed, whole, changes := j.sandbox.seal()
	if whole {
		return changes, tx.putSandbox(j.sandbox.id, sealed)
	}
	return changes, tx.putChanges(j.sandbox.id, sealed.World, sealed.Faults)
}

func (j *sandboxJob) arrived(err error) { j.sandbox.arrived(err) }

// write carries out a job and waits until it is on disk.
func (c *committer) write(do func(tx *transaction) error) error {
	j := &simpleJob{do: do, done: newFlush()}
	if err := c.push(j); err != nil {
		return err
	}
	c.comes()
	return j.done.wait(nil)
}

type simpleJob struct {
	do   func(tx *transaction) error
	done *flush
}

func (j *simpleJob) write(tx *transaction) (int, error) { return 1, j.do(tx) }

func (j *simpleJob) arrived(err error) { j.done.end(err) }
