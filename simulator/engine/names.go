package engine

import "slices"

// bearers are the instances that have a name, and how often it was given to one, also
// to those that are gone. A world and its copies share the ordinals, which are
// therefore never changed in place.
type bearers struct {
	times  int     // at least as many as are living
	living []int64 // ordinals, oldest first
}

// withName has the ordinals of the instances with a name, oldest first. They must
// not be changed.
func (s *instances) withName(name string) []int64 {
	b, _ := s.byName.Get(name)
	return b.living
}

// bear gives an instance its name.
func (s *instances) bear(inst *Instance) {
	b, _ := s.byName.Get(inst.Name)
	at, _ := slices.BinarySearch(b.living, inst.Ordinal)
	b.living = slices.Insert(slices.Clone(b.living), at, inst.Ordinal)
	b.times++
	s.byName.Set(inst.Name, b)
}

// drop takes an instance out from under its name.
func (s *instances) drop(inst *Instance) {
	b, _ := s.byName.Get(inst.Name)
	b.living = slices.DeleteFunc(slices.Clone(b.living), func(ordinal int64) bool { return ordinal == inst.Ordinal })
	s.byName.Set(inst.Name, b)
}

// timesGiven is how often a name was given to an instance; lost tells whether one of
// those does not have it any more, so that this cannot be seen from the instances.
func (s *instances) timesGiven(name string) (times int, lost bool) {
	b, _ := s.byName.Get(name)
	return b.times, b.times > len(b.living)
}

// wasGiven makes it so many times, if they are more than its bearers.
func (s *instances) wasGiven(name string, times int) {
	b, _ := s.byName.Get(name)
	b.times = max(b.times, times)
	s.byName.Set(name, b)
}
