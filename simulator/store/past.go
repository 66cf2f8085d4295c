package store

import "github.com/pulumi-pictor/pulumi-pictor/simulator/engine"

// past is how a sandbox's world was before each of its last changes, newest
// last. It is kept only while stale reads are in force.
type past []*engine.World

// remember carries a change out and keeps the world as readers saw it before.
func (s *Sandbox) remember(w *engine.World, change func(w *engine.World) (changed bool, err error)) (bool, error) {
	behind := s.Faults.Behind()
	if behind == 0 {
		s.past = nil
		return change(w)
	}
	before := s.readable().world.Copy()
	changed, err := change(w)
	if changed && err == nil {
		s.past = append(s.past, before)
		s.past = s.past[max(len(s.past)-behind, 0):]
	}
	return changed, err
}

// ViewPast reads the world as it was some changes ago, or as long ago as is
// known. See [fault.Stale].
func (s *Sandbox) ViewPast(behind int, read func(w *engine.World)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.past) == 0 || behind <= 0 {
		read(s.readable().world)
		return
	}
	read(s.past[max(len(s.past)-behind, 0)])
}
