package provider

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/errors"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// knownInputs are those that a preview must know, because they decide which
// machines there are.
var knownInputs = []string{"count", "members", "placement"}

// withKnownInputs refuses what a preview does not know, in words of the program
// and not in Go types as the SDK does, and gives the inputs the form that the SDK
// takes: the plain ones without dependencies, and those of the template as a
// whole on its properties.
func withKnownInputs(req p.ConstructRequest) (p.ConstructRequest, error) {
	for _, key := range knownInputs {
		v, given := req.Inputs.GetOk(key)
		if !given {
			continue
		}
		if v.HasSecrets() { // without the property, whose value the engine would print
			return req, fmt.Errorf("%s must not be secret: a preview has to say which machines there are", key)
		}
		if v.HasComputed() {
			return req, rpcerror.WrapDetailedError(errors.InputPropertyErrorf(key, "must be known at preview, which has to say which machines there are: "+
				"it cannot come from a resource that is yet to be created"))
		}
		if v.IsNumber() && !isWhole(v.AsNumber()) {
			return req, rpcerror.WrapDetailedError(errors.InputPropertyErrorf(key, "must be a whole number, not %v", v.AsNumber()))
		}
		req.Inputs = req.Inputs.Set(key, independent(v))
	}
	template := req.Inputs.Get("template")
	if template.Secret() {
		return req, fmt.Errorf("template must not be secret as a whole: its properties may be")
	}
	if template.IsComputed() {
		return req, rpcerror.WrapDetailedError(errors.InputPropertyErrorf("template", "must not be unknown as a whole: its properties may be"))
	}
	if req.Inputs.Get("maxPricePerHour").IsNumber() {
		return req, rpcerror.WrapDetailedError(errors.InputPropertyErrorf("maxPricePerHour", "must be a string, not a number: write it in quotes"))
	}
	if template.IsMap() {
		for _, f := range append(numbersForTexts(template.AsMap()), fractions(template.AsMap())...) {
			return req, rpcerror.WrapDetailedError(errors.InputPropertyErrorf("template."+f.Property, "%s", f.Reason))
		}
	}
	if needs := template.Dependencies(); template.IsMap() && len(needs) > 0 {
		properties := template.AsMap()
		for key, v := range properties.All {
			properties = properties.Set(key, v.WithDependencies(slices.Concat(v.Dependencies(), needs)))
		}
		req.Inputs = req.Inputs.Set("template", property.New(properties))
	}
	return req, nil
}

// numbersForTexts refuses what the SDK would, without saying where.
func numbersForTexts(template property.Map) (failures []p.CheckFailure) {
	for _, field := range reflect.VisibleFields(reflect.TypeFor[FleetTemplate]()) {
		if key := templateKey(field); field.Type == reflect.TypeFor[pulumi.StringPtrInput]() && template.Get(key).IsNumber() {
			failures = append(failures, p.CheckFailure{Property: key, Reason: "must be a string, not a number: write it in quotes"})
		}
	}
	return failures
}

// independent is a value without dependencies, at any depth of a list.
func independent(v property.Value) property.Value {
	if v.IsArray() {
		var elements []property.Value
		for _, element := range v.AsArray().All {
			elements = append(elements, independent(element))
		}
		v = property.New(property.NewArray(elements))
	}
	return v.WithDependencies(nil)
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
