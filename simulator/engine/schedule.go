package engine

import (
	"container/heap"
	"time"
)

// eventKind says what is due.
type eventKind int

const (
	// eventStep moves an instance in transition to its next status.
	eventStep eventKind = iota
	// eventExpire ends or renews a rental period.
	eventExpire
	// eventStorage charges a day of storage.
	eventStorage
)

// event is something that happens to one instance at a moment, unless the
// instance has gone another way by then (see [Instance.expects]).
type event struct {
	at   time.Time
	seq  int64 // order of events that are due at the same moment
	kind eventKind
	inst *Instance
}

// schedule is a heap of events, the earliest first.
type schedule struct {
	events []event
	seq    int64
}

func (s *schedule) add(at time.Time, kind eventKind, inst *Instance) {
	s.seq++
	heap.Push(s, event{at: at, seq: s.seq, kind: kind, inst: inst})
}

func (s *schedule) pop() event { return heap.Pop(s).(event) }

// Len, Less, Swap, Push and Pop are heap.Interface.
func (s *schedule) Len() int { return len(s.events) }

func (s *schedule) Less(i, j int) bool {
	a, b := s.events[i], s.events[j]
	if a.at.Equal(b.at) {
		return a.seq < b.seq
	}
	return a.at.Before(b.at)
}

func (s *schedule) Swap(i, j int) { s.events[i], s.events[j] = s.events[j], s.events[i] }

func (s *schedule) Push(x any) { s.events = append(s.events, x.(event)) }

func (s *schedule) Pop() any {
	last := len(s.events) - 1
	e := s.events[last]
	s.events[last] = event{}
	s.events = s.events[:last]
	return e
}

// nextDue is the earliest event that still stands; those that do not are dropped.
func (w *World) nextDue() (event, bool) {
	for w.due.Len() > 0 {
		e := w.due.events[0]
		if e.inst.expects(e) {
			return e, true
		}
		w.due.pop()
	}
	return event{}, false
}

// happen carries out an event at w.now.
func (w *World) happen(e event) {
	switch e.kind {
	case eventStep:
		w.step(e.inst)
	case eventExpire:
		w.expire(e.inst)
	case eventStorage:
		w.chargeStorage(e.inst)
		w.scheduleStorage(e.inst)
	}
}
