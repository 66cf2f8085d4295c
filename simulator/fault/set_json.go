package fault

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// counts are what a report has besides the plan.
type counts struct {
	ID        string `json:"id"`
	Seen      int    `json:"seen"`
	Fired     int    `json:"fired"`
	Remaining *int   `json:"remaining"`
}

// MarshalJSON writes the plan and its counts as one object.
func (r Report) MarshalJSON() ([]byte, error) {
	return oneObject(counts{r.ID, r.Seen, r.Fired, r.Remaining}, r.Plan)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *Report) UnmarshalJSON(data []byte) error {
	var c counts
	if err := json.Unmarshal(data, &c); err != nil {
		return err
	}
	r.ID, r.Seen, r.Fired, r.Remaining = c.ID, c.Seen, c.Fired, c.Remaining
	return json.Unmarshal(data, &r.Plan)
}

// state is a set as it is kept.
type state struct {
	Made  int      `json:"made,omitempty"`
	Plans []Report `json:"plans,omitempty"`
	Used  []string `json:"used_labels,omitempty"`
	// Origins are those of the plans, by id.
	Origins map[string]string `json:"origins,omitempty"`
}

// State is the set in JSON. Plans whose effect a test has made are not in it.
func (s *Set) State() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state()
}

func (s *Set) state() []byte {
	kept := state{Made: s.made, Used: s.used, Origins: map[string]string{}}
	for _, p := range s.plans {
		if _, _, known := kindOf(p.Effect); known {
			kept.Plans = append(kept.Plans, p.report())
			if p.origin != "" { // else it came from an older version
				kept.Origins[p.id] = p.origin
			}
		}
	}
	data, err := json.Marshal(kept)
	if err != nil {
		panic(fmt.Errorf("the faults cannot be written: %w", err)) // they have nothing that could not
	}
	return data
}

// Changes is State if something has changed since Changes was called last, else
// nil.
func (s *Set) Changes() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.changed {
		return nil
	}
	s.changed = false
	return s.state()
}

// Load makes the set what State has written; nothing is an empty set. A plan that was
// in force before goes on, with the counts that were written. After an error the set is
// as before.
func (s *Set) Load(data []byte) error {
	var kept state
	if len(data) > 0 {
		d := json.NewDecoder(bytes.NewReader(data))
		d.DisallowUnknownFields()
		if err := d.Decode(&kept); err != nil {
			return err
		}
	}
	plans := make([]*Planned, len(kept.Plans))
	for i, r := range kept.Plans {
		if err := r.Plan.Check(); err != nil {
			return fmt.Errorf("fault %s: %w", r.ID, err)
		}
		if r.Seen < 0 || r.Fired < 0 || r.Fired > r.Seen {
			return fmt.Errorf("fault %s cannot have hit %d of %d requests", r.ID, r.Fired, r.Seen)
		}
		plans[i] = &Planned{Plan: r.Plan.withDefaults(), set: s, id: r.ID, seen: r.Seen, fired: r.Fired, origin: kept.Origins[r.ID], copied: true}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, p := range plans {
		plans[i] = s.again(p, plans[:i])
	}
	// An id is not given out twice in the life of a sandbox.
	s.plans, s.used, s.made, s.changed = plans, kept.Used, max(kept.Made, s.made), false
	return nil
}

// again is a plan that is loaded as the set knows it already, unless that is one of
// those that were loaded before it. Another sandbox's plan can have the same id, but
// then it says something else.
func (s *Set) again(loaded *Planned, before []*Planned) *Planned {
	for _, p := range s.known() {
		if p.id == loaded.id && samePlan(p.Plan, loaded.Plan) && !slices.Contains(before, p) {
			p.seen, p.fired = loaded.seen, loaded.fired
			return p
		}
	}
	s.remember(loaded)
	return loaded
}

// samePlan compares what is written of two plans.
func samePlan(a, b Plan) bool {
	x, errX := a.MarshalJSON()
	y, errY := b.MarshalJSON()
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
