package store

import (
	"errors"
	"fmt"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
)

// committer writes changes to the file: one transaction has everything that has
// come together while the last one was being written, and is answered when it is
// on disk. The transactions of a sandbox arrive in the order of its changes.
type committer struct {
	file      *file
	committed func(changes int, took time.Duration)

	mu     sync.Mutex
	queue  []job
	wake   chan struct{} // has a token when the queue has something
	failed error         // for good: after a failed write nobody knows what is on disk
	closed bool
	ended  chan struct{}
}

// job is a part of a transaction.
type job interface {
	// write is called once, in the transaction.
	write(tx *bolt.Tx) error
	// arrived is called once, when the transaction is on disk or has failed.
	arrived(err error)
}

func newCommitter(f *file, committed func(int, time.Duration)) *committer {
	c := &committer{file: f, committed: committed, wake: make(chan struct{}, 1), ended: make(chan struct{})}
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

// push lets a job wait for the next transaction. One that comes too late arrives
// with an error, on a goroutine of its own, since its caller may hold a lock.
func (c *committer) push(j job) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.failed; err != nil || c.closed {
		if err == nil {
			err = errClosed
		}
		go func() { j.arrived(err) }()
		return
	}
	c.queue = append(c.queue, j)
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *committer) run() {
	defer close(c.ended)
	for range c.wake {
		c.mu.Lock()
		jobs, failed := c.queue, c.failed
		c.queue = nil
		c.mu.Unlock()
		c.commit(jobs, failed)
	}
}

// commit writes jobs in one transaction, unless writing has failed before.
func (c *committer) commit(jobs []job, failed error) {
	if len(jobs) == 0 {
		return
	}
	if failed == nil {
		began := time.Now()
		if err := c.file.update(func(tx *bolt.Tx) error {
			for _, j := range jobs {
				if err := j.write(tx); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			failed = fmt.Errorf("%s cannot be written: %w. The change was not made, and no other will be until the simulator is started anew", c.file.path, err)
			c.mu.Lock()
			c.failed = failed
			c.mu.Unlock()
		} else {
			c.committed(len(jobs), time.Since(began))
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

// enqueue lets what a sandbox has gathered be written next.
func (c *committer) enqueue(s *Sandbox) { c.push(&sandboxJob{s}) }

type sandboxJob struct{ sandbox *Sandbox }

func (j *sandboxJob) write(tx *bolt.Tx) error {
	changes, whole, faults := j.sandbox.seal()
	if whole {
		return putSandbox(tx, j.sandbox.id, Snapshot{Settings: j.sandbox.Settings(), World: changes, Faults: faults})
	}
	return putChanges(tx, j.sandbox.id, changes, faults)
}

func (j *sandboxJob) arrived(err error) { j.sandbox.arrived(err) }

// write carries out a job and waits until it is on disk.
func (c *committer) write(do func(tx *bolt.Tx) error) error {
	j := &simpleJob{do: do, done: make(chan error, 1)}
	c.push(j)
	return <-j.done
}

type simpleJob struct {
	do   func(tx *bolt.Tx) error
	done chan error
}

func (j *simpleJob) write(tx *bolt.Tx) error { return j.do(tx) }

func (j *simpleJob) arrived(err error) { j.done <- err }
