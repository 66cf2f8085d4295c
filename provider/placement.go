package provider

import (
	"cmp"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Placements of a group's members.
const (
	spreadHosts     = "spreadHosts"
	spreadCountries = "spreadCountries"
	pack            = "pack"
)

// placements describes them.
const placements = "`spreadHosts` takes the host with the fewest members of the group, so that one host's failure costs little; " +
	"`spreadCountries` the country with the fewest, and in it the host with the fewest; " +
	"`pack` the host with the most, so that members are close to each other. " +
	"Among equals, and by default, the cheapest offer is taken. When every host that fits has a member already, hosts are shared, with a warning. " +
	"Changing it moves no machine that is rented already."

// A location is where a member is.
type location struct {
	host    pictor.ID
	country string
}

func locationOf(h pictor.Host) location { return location{h.Id, h.Country} }

// crowd counts the members of a group by where they are.
type crowd struct {
	hosts     map[pictor.ID]int
	countries map[string]int
}

func crowdOf(members []location) crowd {
	c := crowd{map[pictor.ID]int{}, map[string]int{}}
	for _, m := range members {
		c.hosts[m.host]++
		c.countries[m.country]++
	}
	return c
}

// compare tells which of two offers a placement takes first; 0 is either.
func (c crowd) compare(placement string, a, b pictor.Offer) int {
	hosts := cmp.Compare(c.hosts[a.Host.Id], c.hosts[b.Host.Id])
	switch placement {
	case spreadHosts:
		return hosts
	case spreadCountries:
		return cmp.Or(cmp.Compare(c.countries[a.Host.Country], c.countries[b.Host.Country]), hosts)
	case pack:
		return -hosts
	default:
		return 0
	}
}

// compromise tells what a spread did not get: how many members are already
// where it must go, and where that is.
func (c crowd) compromise(placement string, at pictor.Host) (members int, where string) {
	switch placement {
	case spreadHosts:
		return c.hosts[at.Id], "host " + at.Name
	case spreadCountries:
		return c.countries[at.Country], at.Country
	default:
		return 0, ""
	}
}
