package provider

import (
	"context"
	"fmt"
	"time"

	p "github.com/pulumi/pulumi-go-provider"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// How often those who wait for capacity look at the market: first after
// firstPause, then ever more rarely.
const (
	firstPause   = 5 * time.Second
	longestPause = time.Minute
)

// queue is what those who wait for capacity share: one look at the market a
// pause, however many they are.
type queue struct {
	waiting int
	looks   int           // so far
	last    time.Time     // when the last one was
	pause   time.Duration // until the next one
	trouble error         // why the last one saw nothing
}

// enter joins those who wait. Whoever enters leaves again.
func (c *offerCache) enter() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.queue.waiting++; c.queue.waiting == 1 {
		c.queue = queue{waiting: 1, last: c.clock.Now(), pause: c.jittered(firstPause)}
	}
}

func (c *offerCache) exit() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue.waiting--
}

// jittered is d, a quarter more or less, so that programs that began together do
// not go on together.
func (c *offerCache) jittered(d time.Duration) time.Duration {
	return d*3/4 + time.Duration(float64(d)/2*c.random())
}

// nextLook waits until the market has been looked at once more, by whoever of
// those who wait comes first, or until a moment. It tells whether the look saw
// anything: that one fails is no reason to give up.
func (c *offerCache) nextLook(ctx context.Context, until time.Time) (bool, error) {
	c.mu.Lock()
	seen, due := c.queue.looks, c.queue.last.Add(c.queue.pause)
	c.mu.Unlock()
	if due.After(until) {
		due = until
	}
	if err := c.clock.Sleep(ctx, due.Sub(c.clock.Now())); err != nil {
		return false, err
	}
	if c.reading.take(ctx, "the offers") != nil {
		return false, ctx.Err()
	}
	defer c.reading.leave()
	if c.looks() == seen {
		trouble := c.list(ctx)
		if ctx.Err() != nil { // this one's trouble, not the others'
			return false, ctx.Err()
		}
		c.looked(trouble)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if pictor.IsCode(c.queue.trouble, pictor.CodeUnauthorized, pictor.CodeForbidden) {
		return false, c.queue.trouble
	}
	return c.queue.trouble == nil, nil
}

func (c *offerCache) looks() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.queue.looks
}

// looked notes what a look came to, and when the next one is due.
func (c *offerCache) looked(trouble error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue.trouble = trouble
	c.queue.looks++
	c.queue.last = c.clock.Now()
	c.queue.pause = min(c.jittered(c.queue.pause*3/2), longestPause)
}

// capacityWait is how long one resource has waited for capacity.
type capacityWait struct {
	session      *session
	began, until time.Time
	entered      bool
}

func (s *session) capacityWait(patience time.Duration) *capacityWait {
	now := s.clock.Now()
	return &capacityWait{session: s, began: now, until: now.Add(patience)}
}

// again waits until there is news of the market, after nothing fitted, or
// everything that did was taken meanwhile. Its error, once the wait has ended,
// says why nothing fits.
func (w *capacityWait) again(ctx context.Context, taken int, none *noCapacity) error {
	for w.session.clock.Now().Before(w.until) {
		if !w.entered {
			w.session.offers.enter()
			w.entered = true
		}
		p.GetLogger(ctx).InfoStatusf("nothing that fits is free: waiting since %s, for %s at most", w.waited(), w.until.Sub(w.began))
		news, err := w.session.offers.nextLook(ctx, w.until)
		if err != nil {
			return fmt.Errorf("the wait for capacity ended after %s of %s (%w): %w", w.waited(), w.until.Sub(w.began), err, none)
		}
		if news {
			return nil
		}
	}
	switch {
	case w.entered:
		return fmt.Errorf("waited %s for capacity: %w", w.waited(), none)
	case taken > 0:
		return fmt.Errorf("%d offers that fitted were taken by somebody else meanwhile: %w", taken, none)
	default:
		return none
	}
}

func (w *capacityWait) waited() time.Duration {
	return w.session.clock.Now().Sub(w.began).Round(time.Second)
}

func (w *capacityWait) end() {
	if w.entered {
		w.session.offers.exit()
	}
}
