package provider

import (
	"fmt"
	"slices"

	pschema "github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const (
	fleetTemplateType = Name + ":index:FleetTemplate"
	fleetMemberType   = Name + ":index:FleetMember"
)

// describeFleet makes the types of a fleet's template and of its members from
// the schema of the Instance, whose inputs and outputs they are.
func describeFleet(spec *pschema.PackageSpec) error {
	instance, fleet := spec.Resources[instanceToken], spec.Resources[string(fleetToken)]
	template := pschema.ComplexTypeSpec{ObjectTypeSpec: pschema.ObjectTypeSpec{
		Type:        "object",
		Description: "What every machine of a fleet is like: the inputs of an `Instance`.",
		Properties:  map[string]pschema.PropertySpec{},
	}}
	keys := templateKeys()
	for key, input := range instance.InputProperties {
		switch {
		case keys[key]:
			template.Properties[key] = withoutDefault(input)
		case !slices.Contains(notInTemplate, key):
			return fmt.Errorf("%s has an input %s that FleetTemplate lacks", instanceToken, key)
		}
	}
	for _, key := range instance.RequiredInputs {
		if keys[key] {
			template.Required = append(template.Required, key)
		}
	}
	member := pschema.ComplexTypeSpec{ObjectTypeSpec: pschema.ObjectTypeSpec{
		Type:        "object",
		Description: "A machine of a fleet: outputs of its `Instance`.",
		Properties:  map[string]pschema.PropertySpec{},
	}}
	for key := range (&fleetMember{}).outputs() {
		output, ok := instance.Properties[key]
		if !ok {
			return fmt.Errorf("the schema of %s has no output %s", instanceToken, key)
		}
		member.Properties[key] = output
		if slices.Contains(instance.Required, key) {
			member.Required = append(member.Required, key)
		}
	}
	slices.Sort(member.Required)
	spec.Types[fleetTemplateType], spec.Types[fleetMemberType] = template, member

	input, output := fleet.InputProperties["template"], fleet.Properties["instances"]
	input.TypeSpec = pschema.TypeSpec{Ref: "#/types/" + fleetTemplateType, Plain: true}
	output.TypeSpec = pschema.TypeSpec{Type: "object", AdditionalProperties: &pschema.TypeSpec{Ref: "#/types/" + fleetMemberType}}
	fleet.InputProperties["template"], fleet.Properties["instances"] = input, output
	correctPlain(fleet)
	return nil
}

// withoutDefault leaves a default to each machine's own check and only tells it:
// what is generated for Go of a default within a plain object does not compile.
func withoutDefault(input pschema.PropertySpec) pschema.PropertySpec {
	if input.Default != nil {
		input.Description += fmt.Sprintf(" By default `%v`.", input.Default)
		input.Default = nil
	}
	return input
}

// correctPlain says that nothing but the template is plain. infer takes what is
// plain in Go for plain in every language, where what is known is enough; and
// what is generated for Go of an example with an optional plain value does not
// compile.
func correctPlain(fleet pschema.ResourceSpec) {
	for _, key := range knownInputs {
		input := fleet.InputProperties[key]
		input.Plain = false
		if input.Items != nil {
			input.Items.Plain = false
		}
		fleet.InputProperties[key] = input
	}
	for _, output := range fleet.Properties {
		if output.Items != nil {
			output.Items.Plain = false
		}
	}
}
