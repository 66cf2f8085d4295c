package provider_test

import (
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
)

// What earlier versions have left in the state, and the program that made it:
// to this version nothing has changed.
func TestStateOfEveryVersionPreviewsNoChange(t *testing.T) {
	t.Parallel()
	for path, kept := range readState(t) {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s, r := newStack(t), kept.resource(t)
			d, _, err := s.diff(r, kept.program(t))
			if err != nil {
				t.Fatal(err)
			}
			wantChanges(t, d, kept.Changes)
		})
	}
}

// A refresh of old state adds what this version knows more of the resource, and
// still nothing has changed.
func TestStateOfEveryVersionPreviewsNoChangeAfterARefresh(t *testing.T) {
	t.Parallel()
	for path, kept := range readState(t) {
		if len(kept.Changes) > 0 {
			continue // not yet what the program wants
		}
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s, r, program := newStack(t), kept.resource(t), kept.program(t)
			twin := s.twin(r, program)
			if err := s.refresh(r); err != nil || r.id != twin.id {
				t.Fatalf("read %q, not %q: %v", r.id, twin.id, err)
			}
			d, _, err := s.diff(r, program)
			if err != nil {
				t.Fatal(err)
			}
			wantChanges(t, d, nil)
		})
	}
}

// twin makes what an old state describes, in the simulator of this test, and
// writes into that state the ids which it has here.
func (s *stack) twin(r *res, program props) *res {
	s.t.Helper()
	rename := props{"name": r.inputs.Get("name")}
	if keys := r.state.Get("sshKeyIds"); keys.IsArray() && keys.AsArray().Len() > 0 {
		key := s.mustCreate(sshKeyType, "laptop", props{"publicKey": text(ed25519Key)})
		rename["sshKeyIds"] = texts(key.id)
		program["sshKeyIds"] = rename["sshKeyIds"]
		r.inputs, r.state = r.inputs.Set("sshKeyIds", texts(key.id)), r.state.Set("sshKeyIds", texts(key.id))
	}
	if _, pinned := program["offerId"]; pinned {
		for key, v := range s.someOffer() {
			program[key] = v
			r.inputs, r.state = r.inputs.Set(key, v), r.state.Set(key, v)
		}
	}
	twin := s.mustCreate(r.urn.Type(), r.urn.Name(), with(program, rename))
	r.id = twin.id
	for _, key := range []string{"instanceId", "accountId"} {
		if v, ok := twin.state.GetOk(key); ok {
			r.state = r.state.Set(key, v)
		}
	}
	return twin
}

func wantChanges(t *testing.T, d p.DiffResponse, want map[string]p.DiffKind) {
	t.Helper()
	for key, change := range d.DetailedDiff {
		if want[key] != change.Kind {
			t.Errorf("%s: %s", key, change.Kind)
		}
	}
	if len(d.DetailedDiff) != len(want) {
		t.Errorf("changes are %v, not %v", d.DetailedDiff, want)
	}
	if d.HasChanges != (len(want) > 0) {
		t.Errorf("there are changes: %t", d.HasChanges)
	}
}
