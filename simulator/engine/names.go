package engine

import "slices"

// bearers are the instances that have a name, and how often it was rented, also
// by those that are gone. A world and its copies share the ordinals, which are
// therefore never changed in place.
type bearers struct {
	times  int
	living []int64 // ordinals, oldest first
}

// withName has the ordinals of the instances with a name, oldest first. They must
// not be changed.
func (s *instances) withName(name string) []int64 {
	b, _ := s.byName.Get(name)
	return b.living
}

// bear enters an instance under its name, which was rented so many times more.
func (s *instances) bear(inst *Instance, rented int) {
	b, _ := s.byName.Get(inst.Name)
	at, _ := slices.BinarySearch(b.living, inst.Ordinal)
	b.living = slices.Insert(slices.Clone(b.living), at, inst.Ordinal)
	b.times += rented
	s.byName.Set(inst.Name, b)
}

// drop takes an instance out from under its name.
func (s *instances) drop(inst *Instance) {
	b, _ := s.byName.Get(inst.Name)
	b.living = slices.DeleteFunc(slices.Clone(b.living), func(ordinal int64) bool { return ordinal == inst.Ordinal })
	if len(b.living) == 0 && b.times == 0 {
		s.byName.Delete(inst.Name)
		return
	}
	s.byName.Set(inst.Name, b)
}

// timesRented is how often a name was rented.
func (s *instances) timesRented(name string) int {
	b, _ := s.byName.Get(name)
	return b.times
}

func (s *instances) setTimesRented(name string, n int) {
	b, _ := s.byName.Get(name)
	b.times = n
	s.byName.Set(name, b)
}
