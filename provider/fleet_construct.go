package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Construct registers the members. It sees no earlier state, so it decides
// nothing that the market has a say in: what it gives a member is the same in
// every run of the same program.
func (*Fleet) Construct(ctx *pulumi.Context, name, typ string, args FleetArgs, opts pulumi.ResourceOption) (*FleetState, error) {
	members, err := args.members()
	if err != nil {
		return nil, err
	}
	fleet := &FleetState{}
	if err := ctx.RegisterComponentResource(typ, name, fleet, opts); err != nil {
		return nil, err
	}
	group := fleetGroup(ctx, name)
	if s, err := sessionOf(ctx.Context()); err == nil {
		s.groups.declare(group, members)
	}
	membership := pulumi.Map{"name": pulumi.String(group)}
	if args.Placement != nil {
		membership["placement"] = pulumi.String(*args.Placement)
	}
	if args.MaxPricePerHour != nil {
		membership["maxPricePerHour"] = args.MaxPricePerHour
	}
	machines := make([]*fleetMember, len(members))
	options := memberOptions(fleet, opts)
	for i, m := range members {
		inputs := with(args.Template.inputs(), "group", with(membership, "member", pulumi.String(m)))
		machines[i] = &fleetMember{}
		if err := ctx.RegisterResource(string(instanceToken), name+"-"+m, inputs, machines[i], options...); err != nil {
			return nil, err
		}
	}
	fleet.show(name, group, members, machines, args.MaxPricePerHour)
	return fleet, nil
}

func with(m pulumi.Map, key string, v pulumi.Input) pulumi.Map {
	out := pulumi.Map{key: v}
	for k, v := range m {
		if k != key {
			out[k] = v
		}
	}
	return out
}

// fleetGroup is the group of a fleet's machines. The account may have fleets of
// the same name from other stacks, which have nothing to do with this one.
func fleetGroup(ctx *pulumi.Context, name string) string {
	id := sha256.Sum256([]byte(ctx.Organization() + " " + string(requestOf(ctx.Context()).urn)))
	stem := strings.ReplaceAll(nameStem(name), ".", "-")
	stem = strings.TrimRight(stem[:min(len(stem), maxFleetStem)], "_-")
	return stem + "-" + hex.EncodeToString(id[:])[:suffixLength]
}

// memberOptions are the fleet's options that its members are to obey, and that
// they do not have from their parent as it is (protect, providers, aliases,
// retainOnDelete and deletedWith they have).
func memberOptions(fleet *FleetState, opts pulumi.ResourceOption) []pulumi.ResourceOption {
	options := []pulumi.ResourceOption{pulumi.Parent(fleet)}
	given, err := pulumi.NewResourceOptions(opts)
	if err != nil {
		return options
	}
	if len(given.DependsOn) > 0 {
		options = append(options, pulumi.DependsOn(given.DependsOn))
	}
	if given.CustomTimeouts != nil {
		options = append(options, pulumi.Timeouts(given.CustomTimeouts))
	}
	return options
}

// show fills in the outputs.
func (f *FleetState) show(name, group string, members []string, machines []*fleetMember, ceiling pulumi.StringPtrInput) {
	instances := pulumi.Map{}
	names, addresses, commands := pulumi.StringArray{}, pulumi.StringArray{}, pulumi.StringArray{}
	prices := pulumi.StringArray{}
	for i, m := range machines {
		instances[members[i]] = m.outputs()
		names = append(names, m.Name)
		addresses = append(addresses, m.login("host"))
		commands = append(commands, m.login("command"))
		prices = append(prices, m.HourlyPrice)
	}
	f.Group, f.Instances, f.Names, f.Addresses, f.LoginCommands = pulumi.String(group), instances, names, addresses, commands
	limit := pulumi.ToOutput((*string)(nil)).(pulumi.StringPtrOutput)
	if ceiling != nil {
		limit = ceiling.ToStringPtrOutput()
	}
	f.HourlyPrice = pulumi.All(prices, limit).ApplyT(func(known []any) (string, error) {
		return fleetPrice(name, known[0].([]string), known[1].(*string))
	}).(pulumi.StringOutput)
}

// fleetPrice is what all machines cost an hour. It refuses a fleet that costs
// more than it may: at preview, when a machine's own Create does not, because
// all of them are there already.
func fleetPrice(name string, prices []string, ceiling *string) (string, error) {
	var total pictor.Credits
	for _, text := range prices {
		price, err := pictor.ParseCredits(text)
		if err != nil {
			return "", fmt.Errorf("the price of a machine of the fleet %s cannot be read: %w", name, err)
		}
		total += price
	}
	if ceiling == nil {
		return total.String(), nil
	}
	limit, err := pictor.ParseCredits(*ceiling)
	if err != nil {
		return "", fmt.Errorf("maxPricePerHour of the fleet %s must be credits as a decimal string, such as \"4.50\": %w", name, err)
	}
	if total > limit {
		return "", fmt.Errorf("the %d machines of the fleet %s cost %s credits/h together, above its maxPricePerHour %s: "+
			"raise it, or take fewer or cheaper machines", len(prices), name, total, limit)
	}
	return total.String(), nil
}

// withoutEcho says in a word what the SDK says of a run that the engine has
// broken off, as it does once a machine is refused: the reason is that machine's.
func withoutEcho(err error) error {
	if err == nil || !strings.Contains(err.Error(), "code = Canceled") && !strings.Contains(err.Error(), "client connection is closing") {
		return err
	}
	return fmt.Errorf("the run was broken off before all of its machines were there: see what is said of them")
}
