package fault

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// A plan in JSON is one flat object: what all plans have, the kind, and the
// parameters of the kind.

// planFields are what all plans have.
type planFields struct {
	Name      string `json:"name,omitempty"`
	Operation string `json:"operation,omitempty"`
	Resource  string `json:"resource,omitempty"`
	From      int    `json:"from,omitempty"`
	Times     int    `json:"times,omitempty"`
	Phase     Phase  `json:"phase,omitempty"`
	Kind      string `json:"kind"`
}

// MarshalJSON writes the plan. An effect that a test has made has an empty kind.
func (p Plan) MarshalJSON() ([]byte, error) {
	f := planFields{Name: p.Name, Operation: p.Operation, Resource: p.Resource, From: p.From, Times: p.Times, Phase: p.Phase}
	var effect any = struct{}{}
	if kind, _, known := kindOf(p.Effect); known {
		f.Kind, effect = kind, p.Effect
	}
	return oneObject(f, effect)
}

// oneObject writes several values that are JSON objects as one.
func oneObject(values ...any) ([]byte, error) {
	var out []byte
	for _, v := range values {
		data, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		inner := bytes.TrimSuffix(bytes.TrimPrefix(data, []byte("{")), []byte("}"))
		if len(out) > 0 && len(inner) > 0 {
			out = append(out, ',')
		}
		out = append(out, inner...)
	}
	return slices.Concat([]byte("{"), out, []byte("}")), nil
}

// UnmarshalJSON reads a plan; an error is a validation error with every bad
// field, as far as it could be read.
func (p *Plan) UnmarshalJSON(data []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return errors.New("a plan is a JSON object such as {\"operation\": \"createInstance\", \"kind\": \"reset\", \"phase\": \"after\"}")
	}
	for _, name := range []string{"id", "seen", "fired", "remaining"} {
		delete(fields, name) // what a list shows can be added again
	}
	bad := engine.Fields{}
	var f planFields
	for name, into := range map[string]any{
		"name": &f.Name, "operation": &f.Operation, "resource": &f.Resource,
		"from": &f.From, "times": &f.Times, "phase": &f.Phase, "kind": &f.Kind,
	} {
		if value, there := fields[name]; there {
			if err := json.Unmarshal(value, into); err != nil {
				bad.Add(name, "cannot be %s", value)
			}
			delete(fields, name)
		}
	}
	*p = Plan{Name: f.Name, Operation: f.Operation, Resource: f.Resource, From: f.From, Times: f.Times, Phase: f.Phase}
	if len(bad["kind"]) == 0 {
		p.Effect = readEffect(bad, f.Kind, fields)
	}
	return bad.Err()
}

// readEffect reads the parameters of a kind.
func readEffect(bad engine.Fields, name string, parameters map[string]json.RawMessage) Effect {
	kind, known := kinds[name]
	if !known {
		what := "is required"
		if name != "" {
			what = fmt.Sprintf("%q is no kind of fault", name)
		}
		bad.Add("kind", "%s: use one of %s", what, strings.Join(KindNames(), ", "))
		return nil
	}
	for parameter, value := range parameters {
		i := slices.IndexFunc(kind.Parameters, func(p Parameter) bool { return p.Name == parameter })
		if i < 0 {
			bad.Add(parameter, "is nothing that %s has%s", name, kind.has())
			continue
		}
		// One by one, so that every bad one is named.
		one, err := json.Marshal(map[string]json.RawMessage{parameter: value})
		if err == nil {
			_, err = kind.read(one)
		}
		if mismatch := (*json.UnmarshalTypeError)(nil); errors.As(err, &mismatch) {
			bad.Add(parameter, "cannot be %s: it is a %s", value, kind.Parameters[i].Is)
		} else if err != nil {
			bad.Add(parameter, "%s", err)
		}
	}
	if len(bad) > 0 {
		return nil
	}
	all, err := json.Marshal(parameters)
	if err != nil {
		return nil
	}
	effect, _ := kind.read(all) // each was read already
	return effect
}

// has says which parameters there are.
func (k Kind) has() string {
	if len(k.Parameters) == 0 {
		return ": it has no parameters"
	}
	names := make([]string, len(k.Parameters))
	for i, p := range k.Parameters {
		names[i] = p.Name
	}
	return ": it has " + strings.Join(names, ", ")
}

// ParsePlans reads a plan, or an array of plans, and checks them.
func ParsePlans(data []byte) ([]Plan, error) {
	data = bytes.TrimSpace(data)
	var raw []json.RawMessage
	array := bytes.HasPrefix(data, []byte("["))
	if array {
		if err := json.Unmarshal(data, &raw); err != nil {
			return nil, fmt.Errorf("is no JSON: %w", err)
		}
	} else if raw = append(raw, data); !json.Valid(data) {
		return nil, errors.New("is no JSON: it has to be a plan, or an array of plans")
	}
	bad := engine.Fields{}
	plans := make([]Plan, len(raw))
	for i, one := range raw {
		where := ""
		if array {
			where = fmt.Sprintf("%d.", i)
		}
		wrong := engine.Fields{}
		switch err := json.Unmarshal(one, &plans[i]); {
		case err == nil:
			collect(wrong, plans[i].Check())
		case collect(wrong, err):
			// What could be read is checked, too; that its kind could not be is known.
			known := wrong["kind"]
			if collect(wrong, plans[i].Check()); plans[i].Effect == nil {
				delete(wrong, "kind")
			}
			if known != nil {
				wrong["kind"] = known
			}
		default:
			wrong.Add("plan", "%s", err)
		}
		for field, faults := range wrong {
			bad[where+field] = faults
		}
	}
	return plans, bad.Err()
}

// collect notes what a validation error says; it is false for any other error.
func collect(bad engine.Fields, err error) bool {
	var invalid *engine.Error
	if errors.As(err, &invalid) {
		maps.Copy(bad, invalid.Fields)
	}
	return invalid != nil
}
