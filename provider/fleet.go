package provider

import (
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const fleetToken tokens.Type = Name + ":index:Fleet"

// Fleet is several instances of one template, as a component: its members are
// Instances of their own, in one group.
type Fleet struct{}

var _ infer.ComponentResource[FleetArgs, *FleetState] = (*Fleet)(nil)

// FleetArgs are the inputs of a Fleet. What decides which members there are a
// program must know at preview (knownInputs).
//
// The template has an Instance's inputs, without those that a member cannot
// share or that the fleet gives it. Its schema is made of the Instance's.
type FleetArgs struct {
	Count           *int                  `pulumi:"count,optional"`
	Members         []string              `pulumi:"members,optional"`
	Template        FleetTemplate         `pulumi:"template"`
	Placement       *string               `pulumi:"placement,optional"`
	MaxPricePerHour pulumi.StringPtrInput `pulumi:"maxPricePerHour,optional"`
}

// Annotate describes the inputs.
func (f *FleetArgs) Annotate(a infer.Annotator) {
	a.Describe(&f.Count, "How many machines there are. They are called `0`, `1`, and so on: a smaller number deletes the last ones, and touches no other. Has to be known at preview. Give either this or `members`.")
	a.Describe(&f.Members, "Names of the machines, when each is to be told from the others, such as `driver` and `worker-a`: 1 to 26 letters, digits, underscores and hyphens. "+
		"Leaving one out deletes that machine and touches no other; their order only orders the outputs. Has to be known at preview. Give either this or `count`.")
	a.Describe(&f.Template, "What every machine of the fleet is like: the inputs of an `Instance`. Changing one changes, or replaces, every machine as it would that instance.")
	a.Describe(&f.Placement, "On which hosts the machines are rented, among those with an offer that fits: "+placements)
	a.Describe(&f.MaxPricePerHour, "Most that all machines of the fleet together may cost an hour, in credits (1 credit = 1 USD), as a decimal string such as `\"4.50\"`. "+
		"A preview of a dearer fleet fails, and no machine is rented that would exceed it. Storage is not counted.")
}

// FleetState are the outputs of a Fleet. What of an instance they show is in
// member.outputs.
type FleetState struct {
	pulumi.ResourceState

	Group         pulumi.StringInput      `pulumi:"group"`
	Instances     pulumi.MapInput         `pulumi:"instances"`
	Names         pulumi.StringArrayInput `pulumi:"names"`
	Addresses     pulumi.StringArrayInput `pulumi:"addresses"`
	LoginCommands pulumi.StringArrayInput `pulumi:"loginCommands"`
	HourlyPrice   pulumi.StringInput      `pulumi:"hourlyPrice"`
}

// Annotate describes the outputs.
func (s *FleetState) Annotate(a infer.Annotator) {
	a.Describe(&s.Group, "The group that the machines are in: their names at Pictor begin with it.")
	a.Describe(&s.Instances, "The machines, by the name of the member: `0`, `1` and so on, or those in `members`.")
	a.Describe(&s.Names, "Names of the machines at Pictor, in the members' order, as everything that is a list.")
	a.Describe(&s.Addresses, "IP addresses of the machines. That of a machine that does not run is empty.")
	a.Describe(&s.LoginCommands, "Commands that log in to the machines, such as `ssh root@198.51.100.7`. That of a machine that does not run is empty.")
	a.Describe(&s.HourlyPrice, "Credits an hour for all machines together (1 credit = 1 USD), without their storage. Known at preview.")
}

// Annotate describes the component.
func (f *Fleet) Annotate(a infer.Annotator) {
	a.Describe(&f, `Several GPU machines of the same kind, rented from Pictor: a number of them, or named ones.

Each machine is an `+"`Instance`"+` of its own, so that growing and shrinking a fleet touches only the difference. They can be spread over hosts or countries,
or packed, and the whole fleet can have a ceiling of price. Where a machine is rented is decided when it is rented, from the offers of that moment:
a fleet that stands is not moved because the market has changed.`)
}
