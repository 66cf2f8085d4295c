package dialect

import (
	"fmt"
	"strings"
)

// Parse reads the name of a preset, or several joined with a plus sign:
// "bare-arrays+html-errors". Nothing is the contract's own way.
func Parse(s string) (Dialect, error) {
	var d Dialect
	if s == "" {
		return d, nil
	}
	for name := range strings.SplitSeq(s, "+") {
		preset, err := named(strings.TrimSpace(name))
		if err != nil {
			return Dialect{}, err
		}
		if conflicts := d.join(preset); len(conflicts) > 0 {
			return Dialect{}, fmt.Errorf("the dialects of %q do not go together: %q differs from those before it in %s; leave one out", s, strings.TrimSpace(name), strings.Join(conflicts, ", "))
		}
	}
	return d, nil
}

func named(name string) (Dialect, error) {
	var names []string
	for _, preset := range Presets() {
		if preset.Name == name {
			return preset.Dialect, nil
		}
		names = append(names, preset.Name)
	}
	return Dialect{}, fmt.Errorf("there is no dialect %q; use one of these, or several joined with \"+\": %s", name, strings.Join(names, ", "))
}

// join adds what another dialect does differently from the contract. It names
// the parts, if there are any, in which the two differ from one another, too.
func (d *Dialect) join(other Dialect) (conflicts []string) {
	note := func(part string, joined bool) {
		if !joined {
			conflicts = append(conflicts, part)
		}
	}
	note("lists", join(&d.Lists, other.Lists))
	note("objects", join(&d.Objects, other.Objects))
	note("ids", join(&d.IDs, other.IDs))
	note("statuses", join(&d.Statuses, other.Statuses))
	note("words", join(&d.Words, other.Words))
	note("money", join(&d.Money, other.Money))
	note("times", join(&d.Times, other.Times))
	note("empties", join(&d.Empties, other.Empties))
	note("errors", join(&d.Errors, other.Errors))
	note("changes", join(&d.Changes, other.Changes))
	note("create", join(&d.Create, other.Create))
	note("delete", join(&d.Delete, other.Delete))
	d.DuplicateNames = d.DuplicateNames || other.DuplicateNames
	d.IgnoreIdempotency = d.IgnoreIdempotency || other.IgnoreIdempotency
	return conflicts
}

// join is false if both differ from the contract and from one another.
func join[T comparable](into *T, other T) bool {
	var contract T
	if other == contract {
		return true
	}
	if *into != contract && *into != other {
		return false
	}
	*into = other
	return true
}
