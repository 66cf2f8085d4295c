package provider

import (
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-go-provider/infer"
)

// InstanceGroup makes an instance a member of a group. It counts when the
// machine is rented, and never again: a machine stays where it is.
//
// Pictor knows nothing of groups. A machine's name tells its group, so that a
// later run, which rents another member, knows where the others are: it is
// GROUP.MEMBER, with the random suffix that every automatic name has.
type InstanceGroup struct {
	Name            string  `pulumi:"name"`
	Member          *string `pulumi:"member,optional"`
	Placement       *string `pulumi:"placement,optional"`
	MaxPricePerHour *string `pulumi:"maxPricePerHour,optional"`
}

// Annotate describes a group.
func (g *InstanceGroup) Annotate(a infer.Annotator) {
	a.Describe(&g, "Membership in a group of machines that are placed, and limited in price, with regard to each other. "+
		"The members are all machines of the account whose names begin with the group's name and a dot.")
	a.Describe(&g.Name, "Name of the group, the same for all its members: letters, digits, underscores and hyphens. "+
		"Groups of the same name in other stacks of the same account are one group: put the stack's name in to keep them apart.")
	a.Describe(&g.Member, "Name of this machine within the group. By default the resource's name. The automatic name of a machine is `GROUP.MEMBER` with a random suffix.")
	a.Describe(&g.Placement, "On which host the machine is rented, among those with an offer that fits: "+placements)
	a.Describe(&g.MaxPricePerHour, "Most that all members together may cost an hour, in credits, as a decimal string such as `\"4.50\"`. "+
		"A member that would exceed it is refused, at preview and before it is rented. A member that is being replaced counts once.")
}

// A seat is a machine's place in a group.
type seat struct{ group, member string }

// seatOf reads a machine's place from its name; ok tells whether it has one.
// The suffix of an automatic name is no part of it: a replacement takes the
// seat of the machine that it replaces.
func seatOf(name string) (s seat, ok bool) {
	s.group, s.member, ok = strings.Cut(name, ".")
	if automaticPattern.MatchString(s.member) {
		s.member = s.member[:len(s.member)-suffixLength-1]
	}
	return s, ok && s.group != "" && s.member != ""
}

// stem is what an automatic name begins with.
func (s seat) stem() string { return s.group + "." + s.member }

// seatIn is the place that a resource of this logical name gets in a group.
func (g InstanceGroup) seatIn(logical string) seat {
	member := value(g.Member)
	if member == "" {
		member = nameStem(logical)
	}
	return seat{group: g.Name, member: member}
}

var (
	groupPattern  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)
	memberPattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)
)

// maxStem is the longest name that leaves room for the suffix of an automatic one.
const maxStem = maxName - suffixLength - 1
