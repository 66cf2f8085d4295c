package engine

import (
	"time"

	"github.com/tidwall/btree"
)

// eventKind says what is due.
type eventKind uint8

const (
	// eventStep moves an instance in transition to its next status.
	eventStep eventKind = iota
	// eventExpire ends or renews a rental period.
	eventExpire
	// eventStorage charges a day of storage.
	eventStorage
	// eventDeath is the end of the host.
	eventDeath
)

// event is something that is going to happen to one instance. Events of one
// moment happen in the order of the rentals, so that the order follows from the
// state alone, also when the state was read back.
type event struct {
	at      int64 // Unix nanoseconds
	ordinal int64 // of the instance
	kind    eventKind
}

func (e event) before(other event) bool {
	if e.at != other.at {
		return e.at < other.at
	}
	if e.ordinal != other.ordinal {
		return e.ordinal < other.ordinal
	}
	return e.kind < other.kind
}

// schedule has what is going to happen, the earliest first.
type schedule struct{ *btree.BTreeG[event] }

func newSchedule() schedule {
	return schedule{btree.NewBTreeGOptions(event.before, btree.Options{NoLocks: true})}
}

func (s schedule) copy() schedule { return schedule{s.Copy()} }

// move changes the moment of an instance's event; a zero time is none.
func (s schedule) move(inst *Instance, kind eventKind, from *time.Time, to time.Time) {
	if !from.IsZero() {
		s.Delete(event{from.UnixNano(), inst.Ordinal, kind})
	}
	if *from = to; !to.IsZero() {
		s.Set(event{to.UnixNano(), inst.Ordinal, kind})
	}
}

// enter puts the events of an instance that was read back into the schedule.
func (s schedule) enter(inst *Instance) {
	for kind, at := range map[eventKind]time.Time{
		eventStep: inst.StepAt, eventExpire: inst.ExpiresAt, eventStorage: inst.StorageAt, eventDeath: inst.DiesAt,
	} {
		if !at.IsZero() {
			s.Set(event{at.UnixNano(), inst.Ordinal, kind})
		}
	}
}

// NextEvent is the time of the next thing that is going to happen, if any: nothing
// does beyond [Latest].
func (w *World) NextEvent() (time.Time, bool) {
	e, ok := w.due.Min()
	at := time.Unix(0, e.at).UTC()
	return at, ok && !at.After(Latest)
}

// happen carries out the next event, at its own time.
func (w *World) happen() {
	e, _ := w.due.PopMin()
	w.now = time.Unix(0, e.at).UTC()
	found, _ := w.instances.ordered.Get(e.ordinal)
	inst := w.edit(found)
	switch e.kind {
	case eventStep:
		inst.StepAt = time.Time{}
		w.step(inst)
	case eventExpire:
		w.expire(inst)
	case eventStorage:
		inst.StorageAt = time.Time{}
		w.chargeStorage(inst)
		w.scheduleStorage(inst)
	case eventDeath:
		inst.DiesAt = time.Time{}
		w.hostDied(inst)
	}
}
