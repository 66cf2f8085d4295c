package provider

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// inGroup is a request in which the resource is called by its place in the
// group, after which its automatic name is made.
func inGroup(req infer.CheckRequest, g *InstanceGroup) infer.CheckRequest {
	if g != nil && !req.NewInputs.Get("group").HasComputed() {
		req.Name = g.seatIn(req.Name).stem()
	}
	return req
}

// group checks the membership of a resource. A machine that is rented already
// may join under the name that it has; a new one must have a name by which later
// runs know its group.
func (c *checker) group(req infer.CheckRequest, args InstanceArgs) {
	g := args.Group
	if g == nil {
		return
	}
	place := g.seatIn(req.Name)
	switch {
	case !groupPattern.MatchString(g.Name):
		c.fail("group", "name %q must have letters, digits, underscores and hyphens, and begin with a letter or digit", g.Name)
	case !memberPattern.MatchString(place.member):
		c.fail("group", "member %q must have letters, digits, dots, underscores and hyphens, and begin and end with a letter or digit", place.member)
	case len(place.stem()) > maxStem:
		c.fail("group", "%q, the group's name and the member's, must have at most %d characters, not %d: choose a shorter group.name, or a group.member", place.stem(), maxStem, len(place.stem()))
	}
	if p := value(g.Placement); g.Placement != nil && !slices.Contains([]string{spreadHosts, spreadCountries, pack}, p) {
		c.fail("group", "placement must be %q, %q or %q, not %q", spreadHosts, spreadCountries, pack, p)
	}
	c.price("group", "maxPricePerHour", g.MaxPricePerHour)
	if len(c.failures) > 0 {
		return
	}
	_, exists := req.OldInputs.GetOk("name")
	if name := value(args.Name); !exists && !strings.HasPrefix(name, g.Name+".") && !c.inputs.Get("group").HasComputed() {
		c.fail("name", "%q must begin with %q, so that later runs know that the machine belongs to the group %s; or leave the name out", name, g.Name+".", g.Name)
	}
}

// price checks a ceiling; what it is called within the input is empty for the
// input itself.
func (c *checker) price(key, field string, ceiling *string) {
	if field != "" {
		field += " "
	}
	if ceiling == nil {
		return
	}
	if price, err := pictor.ParseCredits(*ceiling); err != nil {
		c.fail(key, "%smust be credits as a decimal string, such as \"0.75\": %v", field, err)
	} else if price <= 0 {
		c.fail(key, "%smust be above 0, or nothing could ever be rented", field)
	}
}
