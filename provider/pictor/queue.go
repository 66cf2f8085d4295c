package pictor

import (
	"cmp"
	"context"
	"slices"
)

// place is where a request stands among all that wait for their turn; 0 until it
// has waited. It keeps it however often it is refused.
type place int64

// queue is who waits for a turn, in the order in which they came. Whoever uses it
// must hold the limiter's lock.
type queue struct {
	last    place
	waiting []*waiting // by place
}

type waiting struct {
	place place
	first chan struct{} // has something in it when it became the first
}

func (q *queue) join(at *place) *waiting {
	if *at == 0 {
		q.last++
		*at = q.last
	}
	w := &waiting{place: *at, first: make(chan struct{}, 1)}
	i, _ := slices.BinarySearchFunc(q.waiting, w, byPlace)
	q.waiting = slices.Insert(q.waiting, i, w)
	return w
}

func (q *queue) leave(w *waiting) {
	i, _ := slices.BinarySearchFunc(q.waiting, w, byPlace)
	q.waiting = slices.Delete(q.waiting, i, i+1)
	if i == 0 && len(q.waiting) > 0 {
		select {
		case q.waiting[0].first <- struct{}{}:
		default:
		}
	}
}

func (q *queue) isFirst(w *waiting) bool { return q.waiting[0] == w }

func byPlace(a, b *waiting) int { return cmp.Compare(a.place, b.place) }

// called waits until it may be the first one. It must not hold the lock.
func (w *waiting) called(ctx context.Context) error {
	select {
	case <-w.first:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
