package wait

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// How often a gathering may ask: a few requests at once, then two a second, so
// that what comes meanwhile is answered together.
const (
	pace  = 500 * time.Millisecond // that one request is worth
	burst = 4 * pace
	// slow is how long a round keeps the next one waiting at most.
	slow = 10 * time.Second
)

// Gathering answers together the questions that come at about the same time.
// They are asked in rounds, and a round begins only after all of its questions
// have come, so that its answers are as fresh as if each had been asked alone.
type Gathering[Q comparable, A any] struct {
	clock  pictor.Clock
	answer func(ctx context.Context, questions []Q) (answers map[Q]A, requests int)

	mu     sync.Mutex
	next   *round[Q, A] // takes questions still
	newest *round[Q, A]
	spent  time.Time // until when the requests so far last at the pace
}

// round is one time of asking.
type round[Q comparable, A any] struct {
	ctx       context.Context // ends when nobody waits for the answers any more
	cancel    context.CancelFunc
	askers    int
	questions map[Q][]context.Context // of those who ask it
	answers   map[Q]A
	ended     chan struct{}
}

// NewGathering makes a gathering. answer is given different questions and says
// how many requests of the pace it took to answer all of them.
func NewGathering[Q comparable, A any](clock pictor.Clock, answer func(ctx context.Context, questions []Q) (answers map[Q]A, requests int)) *Gathering[Q, A] {
	return &Gathering[Q, A]{clock: clock, answer: answer}
}

// Ask gives the answers, or the context's error once the context ends.
func (g *Gathering[Q, A]) Ask(ctx context.Context, questions ...Q) (map[Q]A, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := g.join(ctx, questions)
	defer g.leave(r)
	select {
	case <-r.ended:
		if err := ctx.Err(); err != nil {
			return nil, err // then perhaps nobody has asked
		}
		return r.answers, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (g *Gathering[Q, A]) join(asker context.Context, questions []Q) *round[Q, A] {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.next
	if r == nil {
		ctx, cancel := context.WithCancel(context.Background())
		r = &round[Q, A]{ctx: ctx, cancel: cancel, questions: map[Q][]context.Context{}, ended: make(chan struct{})}
		go g.run(r, g.newest)
		g.next, g.newest = r, r
	}
	r.askers++
	for _, q := range questions {
		r.questions[q] = append(r.questions[q], asker)
	}
	return r
}

func (g *Gathering[Q, A]) leave(r *round[Q, A]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if r.askers--; r.askers > 0 {
		return
	}
	r.cancel()
	if g.next == r {
		g.next = nil
	}
}

func (g *Gathering[Q, A]) run(r, previous *round[Q, A]) {
	defer close(r.ended)
	defer r.cancel()
	if previous != nil {
		g.await(r.ctx, previous)
	}
	if g.rest(r.ctx) != nil {
		return
	}
	questions, began := g.begin(r)
	answers, requests := g.answer(r.ctx, questions)
	g.mu.Lock()
	defer g.mu.Unlock()
	r.answers = answers
	g.spent = latest(g.spent, began).Add(time.Duration(requests) * pace)
	if most := g.clock.Now().Add(burst + longest); g.spent.After(most) {
		g.spent = most
	}
}

// await lets the previous round end first, so that rounds do not pile up where
// the service is slow; one for which nobody waits is not waited for.
func (g *Gathering[Q, A]) await(ctx context.Context, previous *round[Q, A]) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		defer stop()
		select {
		case <-previous.ended:
		case <-previous.ctx.Done():
		case <-ctx.Done():
		}
	}()
	_ = g.clock.Sleep(ctx, slow)
}

// rest keeps to the pace.
func (g *Gathering[Q, A]) rest(ctx context.Context) error {
	g.mu.Lock()
	wait := g.spent.Add(-burst).Sub(g.clock.Now())
	g.mu.Unlock()
	if wait <= 0 {
		return ctx.Err()
	}
	return g.clock.Sleep(ctx, wait)
}

// begin closes the round: who comes from now on is answered by the next one. What
// nobody wants to know any more is not asked.
func (g *Gathering[Q, A]) begin(r *round[Q, A]) (questions []Q, began time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.next == r {
		g.next = nil
	}
	for q, askers := range r.questions {
		if slices.ContainsFunc(askers, func(asker context.Context) bool { return asker.Err() == nil }) {
			questions = append(questions, q)
		}
	}
	return questions, g.clock.Now()
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
