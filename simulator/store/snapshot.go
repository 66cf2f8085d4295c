package store

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
)

// Snapshot is a whole sandbox as one JSON document. The secrets of API keys are
// in it as hashes only.
type Snapshot struct {
	Format   string          `json:"format"`
	Version  int             `json:"version"`
	Settings Settings        `json:"settings"`
	World    engine.State    `json:"world"`
	Faults   json.RawMessage `json:"faults,omitempty"`
}

const format = "pictor-sim/sandbox"

// ParseSnapshot reads the document. A field that it does not know is refused, as
// one that is misspelt would otherwise be missing in silence.
func ParseSnapshot(document []byte) (s Snapshot, err error) {
	// What is no snapshot is refused before it takes much memory.
	var first struct {
		Format  string
		Version int
		World   struct{ Head engine.Head }
	}
	if err := json.Unmarshal(document, &first); err != nil {
		return s, invalid("snapshot", fmt.Errorf("cannot be read: %w", err))
	}
	if err := checkFormat(first.Format, first.Version); err != nil {
		return s, invalid("snapshot", err)
	}
	if err := first.World.Head.Check(); err != nil {
		return s, invalid("snapshot", err)
	}
	d := json.NewDecoder(bytes.NewReader(document))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, invalid("snapshot", fmt.Errorf("cannot be read: %w", err))
	}
	return s, nil
}

// restorable is the snapshot in this version of the format, or why it cannot be
// restored. Nothing of it is changed.
func (s Snapshot) restorable() (Snapshot, error) {
	if err := cmp.Or(checkFormat(s.Format, s.Version), s.Settings.Validate()); err != nil {
		return s, invalid("snapshot", err)
	}
	if s.Version < snapshotVersion {
		s.World.Offers = maps.Clone(s.World.Offers)
		s.modernize()
	}
	return s, nil
}

func checkFormat(found string, v int) error {
	switch {
	case found != format:
		return fmt.Errorf("is no snapshot of a sandbox: its format is %q, not %q", found, format)
	case v > snapshotVersion:
		return newer(v, snapshotVersion)
	case v < 1:
		return fmt.Errorf("has the version %d, which there never was", v)
	default:
		return nil
	}
}

func newer(found, known int) error {
	return fmt.Errorf("was written by a newer pictor-sim: it has version %d of the format, and this one reads up to %d", found, known)
}

// Snapshot is the sandbox as it is now.
func (s *Sandbox) Snapshot() Snapshot {
	s.mu.Lock()
	now, faults := s.readable(), s.Faults.State()
	w := now.world.Copy()
	s.mu.Unlock()
	return Snapshot{Format: format, Version: snapshotVersion, Settings: *now.settings, World: w.State(), Faults: faults}
}

// Restore makes the sandbox what a snapshot has, at the time that it shows. Its API
// keys stay as they are.
func (s *Sandbox) Restore(from Snapshot) error {
	from, err := from.restorable()
	if err != nil {
		return err
	}
	w, err := engine.Load(from.World)
	if err != nil {
		return invalid("snapshot", err)
	}
	if err := new(fault.Set).Load(from.Faults); err != nil {
		return invalid("faults", err)
	}
	w.Resume(s.store.wall())
	return s.replace("restored", from.Settings.withDefaults(), w, from.Faults)
}

// Fork makes a second sandbox that is like this one now, with an API key of its
// own, which is returned.
func (s *Sandbox) Fork(name, secret string) (*Sandbox, string, error) {
	return s.store.Restore(s.Snapshot(), name, secret)
}

// restore makes a sandbox of a snapshot, with its API keys.
func (s *Store) restore(id string, from Snapshot) (*Sandbox, error) {
	w, err := engine.Load(from.World)
	if err != nil {
		return nil, err
	}
	sandbox := s.newSandbox(id, from.Settings.withDefaults(), w)
	if err := sandbox.Faults.Load(from.Faults); err != nil {
		return nil, fmt.Errorf("its faults: %w", err)
	}
	return sandbox, nil
}
