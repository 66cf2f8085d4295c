package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	p "github.com/pulumi/pulumi-go-provider"
	pschema "github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// alwaysThere are the inputs that may be left out and that every instance and
// key has all the same once it exists. infer takes an optional input for an
// optional output too, and programs in typed languages would have to ask first.
var alwaysThere = map[string][]string{
	instanceToken: {"name", "os", "gpuModel", "offerId", "gpuCount", "storageGb", "country", "extensionHours", "autoRenew", "desiredStatus"},
	sshKeyToken:   {"name"},
}

// requireOutputs says in the schema which outputs are always there, and what a
// fleet's template and members have.
func requireOutputs(get func(context.Context, p.GetSchemaRequest) (p.GetSchemaResponse, error)) func(context.Context, p.GetSchemaRequest) (p.GetSchemaResponse, error) {
	return func(ctx context.Context, req p.GetSchemaRequest) (p.GetSchemaResponse, error) {
		resp, err := get(ctx, req)
		if err != nil {
			return resp, err
		}
		var spec pschema.PackageSpec
		if err := json.Unmarshal([]byte(resp.Schema), &spec); err != nil {
			return resp, fmt.Errorf("the schema cannot be read: %w", err)
		}
		for token, outputs := range alwaysThere {
			r := spec.Resources[token]
			for _, output := range outputs {
				if _, ok := r.Properties[output]; !ok {
					return resp, fmt.Errorf("the schema of %s has no output %s", token, output)
				}
			}
			r.Required = append(r.Required, outputs...)
			slices.Sort(r.Required)
			spec.Resources[token] = r
		}
		if err := describeFleet(&spec); err != nil {
			return resp, err
		}
		text, err := json.Marshal(spec)
		return p.GetSchemaResponse{Schema: string(text)}, err
	}
}
