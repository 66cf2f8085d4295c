package provider

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

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

// examples are the example sections of the descriptions, by the last part of a
// token. They are generated (docs/*.yaml, by docgen).
//
//go:embed docs/*.md
var examples embed.FS

// importing is how a resource that exists already is taken over, by token.
var importing = map[string]string{
	instanceToken: "By the instance's id at Pictor, or by its name",
	sshKeyToken:   "By the key's id at Pictor",
}

// describeFully adds to a description what infer has no place for.
func describeFully(token, description string) (string, error) {
	text, err := fs.ReadFile(examples, "docs/"+token[strings.LastIndex(token, ":")+1:]+".md")
	if err != nil {
		return "", fmt.Errorf("%s has no examples: %w", token, err)
	}
	description = strings.TrimSpace(description) + "\n\n" + string(text)
	if how, ok := importing[token]; ok {
		description += fmt.Sprintf("\n## Import\n\n%s:\n\n```sh\npulumi import %s RESOURCE_NAME ID\n```\n", how, token)
	}
	return description, nil
}

// completeSchema says in the schema which outputs are always there and what a
// fleet's template and members have, and shows how each resource and function is
// used.
func completeSchema(get func(context.Context, p.GetSchemaRequest) (p.GetSchemaResponse, error)) func(context.Context, p.GetSchemaRequest) (p.GetSchemaResponse, error) {
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
		for token, r := range spec.Resources {
			if r.Description, err = describeFully(token, r.Description); err != nil {
				return resp, err
			}
			spec.Resources[token] = r
		}
		for token, f := range spec.Functions {
			if f.Description, err = describeFully(token, f.Description); err != nil {
				return resp, err
			}
			spec.Functions[token] = f
		}
		text, err := json.Marshal(spec)
		return p.GetSchemaResponse{Schema: string(text)}, err
	}
}
