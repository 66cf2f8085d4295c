package provider

import (
	"fmt"
	"slices"
	"strconv"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/errors"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// plainInputs are those that a program must know by itself: an output of another
// resource, which a preview may not know, is none.
var plainInputs = []string{"count", "members", "placement"}

// checkPlain refuses outputs where a fleet needs plain values: the SDK's own
// error speaks of Go types.
func checkPlain(req p.ConstructRequest) error {
	for _, key := range plainInputs {
		if !isPlain(req.Inputs.Get(key)) {
			return rpcerror.WrapDetailedError(errors.InputPropertyErrorf(key, "must be a plain value, neither secret nor an output of another resource: "+
				"a preview has to know which machines there are"))
		}
	}
	if template := req.Inputs.Get("template"); template.IsComputed() || template.Secret() || len(template.Dependencies()) > 0 {
		return rpcerror.WrapDetailedError(errors.InputPropertyErrorf("template", "must be an object, not an output as a whole: its properties may be secrets, or outputs of other resources"))
	}
	return nil
}

func isPlain(v property.Value) bool {
	if v.IsArray() {
		for _, element := range v.AsArray().All {
			if !isPlain(element) {
				return false
			}
		}
	}
	return !v.IsComputed() && !v.Secret() && len(v.Dependencies()) == 0
}

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
	if limit, known := f.MaxPricePerHour.(pulumi.String); known {
		if price, err := pictor.ParseCredits(string(limit)); err != nil || price <= 0 {
			return nil, errors.InputPropertyErrorf("maxPricePerHour", "must be credits as a decimal string above 0, such as \"4.50\", not %q", limit)
		}
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
