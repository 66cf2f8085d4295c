// Package journal keeps the latest requests of a sandbox and what was answered,
// without the secrets in them, and tells subscribers of each as it happens. It
// is in memory only: neither the data file nor a snapshot has it.
package journal

import (
	"math"
	"sync"
	"sync/atomic"
)

// DefaultCapacity is how many requests are kept unless told otherwise.
const DefaultCapacity = 1000

// maxBytes bounds what the entries of a journal may take together; the oldest
// give way.
const maxBytes = 16 << 20

// Journal is the latest requests of one sandbox. It is safe for concurrent use.
type Journal struct {
	capacity int
	budget   *Budget

	mu          sync.Mutex
	entries     []*Entry // oldest first
	bytes       int
	last        int64 // number of the newest entry
	subscribers map[*Subscription]struct{}
	closed      bool
}

// Budget bounds what many journals may take together: when it is used up, each of
// them forgets its own oldest entries for every new one. The zero value is one of
// [DefaultBudget].
type Budget struct {
	Bytes int64 // 0 means [DefaultBudget]
	taken atomic.Int64
}

// DefaultBudget is enough for a thousand sandboxes that are idle, or for a few
// that are busy.
const DefaultBudget = 256 << 20

// take adds to what is taken, or gives back, and tells whether it is too much.
func (b *Budget) take(bytes int) (over bool) {
	limit := b.Bytes
	if limit == 0 {
		limit = DefaultBudget
	}
	return b.taken.Add(int64(bytes)) > limit
}

// New makes a journal of at most capacity entries; 0 means [DefaultCapacity]. A
// nil budget is one of its own.
func New(capacity int, budget *Budget) *Journal {
	if capacity <= 0 {
		capacity = DefaultCapacity
	}
	if budget == nil {
		budget = &Budget{}
	}
	return &Journal{capacity: capacity, budget: budget}
}

// Add enters a request, without its secrets: those that fields and headers name
// as such, and the one that it brought along as its API key, wherever and however
// that is spelled. It waits for nobody.
// The entry is the journal's from here on.
func (j *Journal) Add(e *Entry, key string) {
	e.redact(key)
	e.bytes = e.size()
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return
	}
	j.last++
	e.Number = j.last
	j.entries = append(j.entries, e)
	j.bytes += e.bytes
	over := j.budget.take(e.bytes)
	for len(j.entries) > j.capacity || (over || j.bytes > maxBytes) && len(j.entries) > 1 {
		oldest := j.entries[0]
		j.entries[0] = nil
		j.entries = j.entries[1:]
		j.bytes -= oldest.bytes
		over = j.budget.take(-oldest.bytes)
	}
	for s := range j.subscribers {
		s.tell(e)
	}
}

// Entries has those for which keep answers true, oldest first.
func (j *Journal) Entries(keep func(*Entry) bool) (found []*Entry) {
	for _, e := range j.since(0) {
		if keep(e) {
			found = append(found, e)
		}
	}
	return found
}

// since has the entries with a number above n.
func (j *Journal) since(n int64) []*Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.after(n)
}

func (j *Journal) after(n int64) []*Entry {
	first := j.last - int64(len(j.entries)) // number of the newest that is no more
	skip := min(max(n-first, 0), int64(len(j.entries)))
	return append([]*Entry(nil), j.entries[skip:]...)
}

// Clear forgets every entry; numbers go on.
func (j *Journal) Clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.forget()
}

func (j *Journal) forget() {
	j.budget.take(-j.bytes)
	j.entries, j.bytes = nil, 0
}

// Close ends every subscription, forgets every entry and takes no more.
func (j *Journal) Close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closed = true
	j.forget()
	for s := range j.subscribers {
		s.drop()
	}
}

// patience is how many entries a subscriber may be behind.
const patience = 256

// Subscription is a live view of a journal.
type Subscription struct {
	// Missed are the entries that were there before, as far as they were asked for.
	Missed []*Entry
	// Entries has each new one. It is closed when the journal is, and for a
	// reader that is too slow.
	Entries <-chan *Entry

	journal *Journal
	entries chan *Entry
}

// Newest subscribes to what comes from now on only.
const Newest = math.MaxInt64

// Subscribe gives the entries with a number above after, as far as they are
// still kept, and then each one as it comes. The caller must Close it.
func (j *Journal) Subscribe(after int64) *Subscription {
	s := &Subscription{journal: j, entries: make(chan *Entry, patience)}
	s.Entries = s.entries
	j.mu.Lock()
	defer j.mu.Unlock()
	s.Missed = j.after(after)
	if j.closed {
		close(s.entries)
		return s
	}
	if j.subscribers == nil {
		j.subscribers = map[*Subscription]struct{}{}
	}
	j.subscribers[s] = struct{}{}
	return s
}

// tell hands an entry over, or drops a reader that does not keep up. The
// journal is locked.
func (s *Subscription) tell(e *Entry) {
	select {
	case s.entries <- e:
	default:
		s.drop()
	}
}

// drop ends a subscription once. The journal is locked.
func (s *Subscription) drop() {
	if _, there := s.journal.subscribers[s]; there {
		delete(s.journal.subscribers, s)
		close(s.entries)
	}
}

// Close ends the subscription.
func (s *Subscription) Close() {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	s.drop()
}
