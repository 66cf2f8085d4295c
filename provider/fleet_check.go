package provider

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/errors"
)

// The bounds of a fleet's names leave room for a group, a member and a suffix in
// a machine's name.
const (
	maxFleetMember = 26
	maxFleetStem   = maxStem - maxFleetMember - 1 - suffixLength - 1
	maxFleet       = 1000
)

// members are the names of the fleet's members, or what is wrong with the
// inputs. What is asked of each machine its own Check judges.
func (f FleetArgs) members() ([]string, error) {
	if p := value(f.Placement); f.Placement != nil && !slices.Contains([]string{spreadHosts, spreadCountries, pack}, p) {
		return nil, errors.InputPropertyErrorf("placement", "must be %q, %q or %q, not %q", spreadHosts, spreadCountries, pack, p)
	}
	switch {
	case f.Count == nil && f.Members == nil:
		return nil, errors.InputPropertyErrorf("count", "is missing: say how many machines there are, or name them in members")
	case f.Count != nil && f.Members != nil:
		return nil, errors.InputPropertyErrorf("count", "cannot stand beside members, which say themselves how many machines there are")
	case f.Count != nil && (*f.Count < 0 || *f.Count > maxFleet):
		return nil, errors.InputPropertyErrorf("count", "must be 0 to %d, not %d", maxFleet, *f.Count)
	case f.Count != nil:
		members := make([]string, *f.Count)
		for i := range members {
			members[i] = strconv.Itoa(i)
		}
		return members, nil
	}
	for i, m := range f.Members {
		at := fmt.Sprintf("members[%d]", i)
		if len(m) > maxFleetMember || !groupPattern.MatchString(m) || !memberPattern.MatchString(m) {
			return nil, errors.InputPropertyErrorf(at, "%q must have 1 to %d letters, digits, underscores and hyphens, and begin and end with a letter or digit", m, maxFleetMember)
		}
		if slices.Contains(f.Members[:i], m) {
			return nil, errors.InputPropertyErrorf(at, "%q is named twice", m)
		}
	}
	return f.Members, nil
}
