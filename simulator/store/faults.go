package store

import (
	"context"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
)

// UpdateFaults changes the plans or their counts. With a data file it returns
// when the change is on disk.
func (s *Sandbox) UpdateFaults(change func(f *fault.Set) error) error {
	return s.updateFaults(anyWorld, change)
}

// updateFaults is UpdateFaults in the world of a lifetime.
func (s *Sandbox) updateFaults(lifetime context.Context, change func(f *fault.Set) error) error {
	return s.update(lifetime, func(*engine.World) (bool, error) {
		err := change(&s.Faults)
		if s.Faults.Behind() == 0 {
			s.past = nil // stale reads that come later see nothing of before
		}
		return err == nil, err
	})
}

// nameOf is the name of an instance or an SSH key, empty where there is none.
func nameOf(w *engine.World, id string) string {
	if inst, err := w.Instance(id); err == nil {
		return inst.Name
	}
	key, _ := w.SSHKey(id)
	return key.Name
}
