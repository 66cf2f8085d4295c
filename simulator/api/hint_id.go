package api

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// hintOfID names what there is in the place of an id that nothing has.
func hintOfID(s *store.Sandbox, template, path string) string {
	parts, wanted := strings.Split(strings.TrimPrefix(path, BasePath), "/"), strings.Split(template, "/")
	for i, part := range wanted {
		if strings.HasPrefix(part, "{") && i < len(parts) {
			return hintOfThing(s, strings.Trim(part, "{}"), parts[i])
		}
	}
	return ""
}

// thing is what a sandbox has, by its id and perhaps a name.
type thing struct{ id, name string }

// considered is how many things a hint is chosen from.
const considered = 5000

// hintOfThing names the thing that is nearest to an unknown id, by its id or its
// name. Parameter is what the contract calls the id; for others there is no hint.
func hintOfThing(s *store.Sandbox, parameter, id string) string {
	if len(id) > longestWord {
		return ""
	}
	kind, things, gone := thingsOf(s, parameter, id)
	switch {
	case kind == "" || slices.ContainsFunc(things, func(t thing) bool { return t.id == id }):
		return ""
	case gone:
		return fmt.Sprintf("the %s %s was here and has been deleted", kind, id)
	case len(things) == 0:
		return fmt.Sprintf("this sandbox, %s, has no %s", s.ID(), kind)
	}
	if i := slices.IndexFunc(things, func(t thing) bool { return t.name == id }); i >= 0 {
		return fmt.Sprintf("%q is the name of the %s %s", id, kind, things[i].id)
	}
	best, fewest := things[0], -1
	for _, t := range things[:min(len(things), considered)] {
		edits := distance(id, t.id)
		if t.name != "" {
			edits = min(edits, distance(id, t.name))
		}
		if fewest < 0 || edits < fewest {
			best, fewest = t, edits
		}
	}
	if best.name == "" {
		return fmt.Sprintf("the nearest %s is %s", kind, best.id)
	}
	return fmt.Sprintf("the nearest %s is %s (%s)", kind, best.id, best.name)
}

// thingsOf has what the ids of a parameter could mean, and whether one was an
// instance's that is no more.
func thingsOf(s *store.Sandbox, parameter, id string) (kind string, things []thing, gone bool) {
	s.View(func(w *engine.World) {
		switch parameter {
		case "instance_id":
			kind = "instance"
			consider := func(i *engine.Instance) { things = append(things, thing{i.ID, i.Name}) }
			w.ListInstances(engine.InstanceFilter{Name: &id}, 0, 1, consider)
			w.ListInstances(engine.InstanceFilter{}, 0, considered, consider)
			if known, err := w.Instance(id); err == nil {
				things = append(things, thing{known.ID, known.Name})
			}
			gone = slices.ContainsFunc(w.Ledger(), func(e engine.Entry) bool { return e.InstanceID == id })
		case "offer_id":
			kind = "offer"
			for _, o := range w.Offers(func(*engine.Offer) bool { return true }) {
				things = append(things, thing{o.ID, ""})
			}
		case "ssh_key_id", "ssh_key_ids":
			kind = "SSH key"
			for _, k := range w.SSHKeys() {
				things = append(things, thing{k.ID, k.Name})
			}
		case "transaction_id":
			kind = "transaction"
			for _, e := range w.Ledger() {
				things = append(things, thing{w.EntryID(e), ""})
			}
		}
	})
	return kind, things, gone
}
