package store

import (
	"strings"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
)

// UpdateFaults changes the plans or their counts. With a data file it returns
// when the change is on disk.
func (s *Sandbox) UpdateFaults(change func(f *fault.Set) error) error {
	return s.update(func(*engine.World) (bool, error) {
		err := change(&s.Faults)
		if s.Faults.Behind() == 0 {
			s.past = nil // stale reads that come later see nothing of before
		}
		return err == nil, err
	})
}

// Hit counts a request and returns what hits it, if anything does. With a data
// file it returns when the counts are on disk.
func (s *Sandbox) Hit(r fault.Request) (hit *fault.Hit, err error) {
	if s.Faults.Empty() && !strings.Contains(r.Name, fault.LabelMark) {
		return nil, nil
	}
	if r.ID != "" {
		s.View(func(w *engine.World) { r.Name = nameOf(w, r.ID) })
	}
	if s.store.committer == nil {
		hit, _ = s.Faults.Hit(r)
		return hit, nil
	}
	err = s.update(func(*engine.World) (counted bool, _ error) {
		hit, counted = s.Faults.Hit(r)
		return counted, nil
	})
	return hit, err
}

// Missed takes a hit back that found nothing to strike (see [fault.Hit.Missed]). With
// a data file it returns when the counts are on disk.
func (s *Sandbox) Missed(hit *fault.Hit) error {
	return s.UpdateFaults(func(*fault.Set) error {
		hit.Missed()
		return nil
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
