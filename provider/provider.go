package provider

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Name is the package's name in Pulumi.
const Name = "pictor"

// Version is the version of the provider and of the SDKs made from its schema.
const Version = "0.1.0"

// Options are what the provider does not read from its configuration.
type Options struct {
	// Clock is what waits go by; nil means the wall clock.
	Clock pictor.Clock
	// Dialer opens the connections to the SSH servers of instances; nil means Go's own.
	Dialer Dialer
	// Transport carries the requests; nil means Go's own, with HTTPS_PROXY.
	Transport http.RoundTripper
	// Getenv reads an environment variable; nil means os.Getenv.
	Getenv func(string) string
}

const repository = "https://github.com/pulumi-pictor/pulumi-pictor"

// New assembles the provider.
func New(options Options) (p.Provider, error) {
	if options.Clock == nil {
		options.Clock = pictor.WallClock()
	}
	if options.Getenv == nil {
		options.Getenv = os.Getenv
	}
	if options.Dialer == nil {
		options.Dialer = &net.Dialer{}
	}
	prov, err := infer.NewProviderBuilder().
		WithDisplayName("Pictor").
		WithDescription("Rent GPU machines from Pictor: instances and SSH keys.").
		WithKeywords("pulumi", "pictor", "gpu", "category/cloud", "kind/native").
		WithHomepage(repository).
		WithRepository(repository).
		WithPublisher("pulumi-pictor").
		WithLicense("Apache-2.0").
		WithPluginDownloadURL("github://api.github.com/pulumi-pictor/pulumi-pictor").
		WithLanguageMap(languages).
		WithModuleMap(map[tokens.ModuleName]tokens.ModuleName{"provider": "index"}).
		WithConfig(infer.Config(&Config{options: options})).
		WithResources(
			infer.Resource(&Instance{}),
			infer.Resource(&SshKey{}),
		).
		WithComponents(infer.Component(&Fleet{})).
		WithFunctions(
			infer.Function(&GetOffers{}),
			infer.Function(&GetOffer{}),
			infer.Function(&GetQuote{}),
			infer.Function(&GetInstance{}),
			infer.Function(&GetInstances{}),
			infer.Function(&GetSshKey{}),
			infer.Function(&GetSshKeys{}),
			infer.Function(&GetAccount{}),
			infer.Function(&GetTransactions{}),
		).
		Build()
	if err != nil {
		return p.Provider{}, fmt.Errorf("assemble the provider: %w", err)
	}
	return warnOfExpiry(wrap(prov, options), options.Clock), nil
}

// wrap replaces what infer cannot do: a schema that says which outputs are
// always there, with examples; a Construct that knows which fleet it is for; a
// Check that keeps a list which is not known yet; a Diff that sees the state, the
// old and the new inputs as they are, with what is unknown or secret; an Update
// whose preview does not take for known what an instance on its way will be; and
// a Read that keeps secrets secret (pulumi-go-provider#582).
func wrap(prov p.Provider, options Options) p.Provider {
	prov.GetSchema = completeSchema(prov.GetSchema)
	prov.CheckConfig = checkConfig(options, prov.CheckConfig)
	prov.DiffConfig = diffConfig

	check := prov.Check
	prov.Check = func(ctx context.Context, req p.CheckRequest) (p.CheckResponse, error) {
		failures := append(nullsInLists(req.Inputs), fractions(req.Inputs)...) // infer would panic at those, and not see these
		if len(failures) > 0 {
			return p.CheckResponse{Inputs: req.Inputs, Failures: presentable(failures, req.Inputs)}, nil
		}
		resp, err := check(ctx, req)
		resp.Failures = presentable(resp.Failures, req.Inputs)
		resp.Inputs = keepUnknown(resp.Inputs, req.Inputs)
		return resp, err
	}
	create := prov.Create
	prov.Create = func(ctx context.Context, req p.CreateRequest) (p.CreateResponse, error) {
		resp, err := create(withSecrets(withRequest(ctx, request{urn: req.Urn, inputs: req.Properties}), req.Properties), req)
		if req.DryRun {
			resp.Properties = showUnknown(resp.Properties, req.Properties)
		}
		return resp, err
	}
	construct := prov.Construct
	prov.Construct = func(ctx context.Context, req p.ConstructRequest) (p.ConstructResponse, error) {
		if req.Urn.Type() == fleetToken {
			var err error
			if req, err = withKnownInputs(req); err != nil {
				return p.ConstructResponse{}, err
			}
		}
		resp, err := construct(withRequest(ctx, request{urn: req.Urn, inputs: req.Inputs}), req)
		return resp, withoutEcho(err)
	}
	update := prov.Update
	prov.Update = func(ctx context.Context, req p.UpdateRequest) (p.UpdateResponse, error) {
		resp, err := update(withSecrets(withRequest(ctx, request{req.Urn, req.Inputs, req.OldInputs, req.State}), req.State, req.Inputs), req)
		if req.DryRun {
			resp.Properties = showUnknown(resp.Properties, req.Inputs)
		}
		if req.DryRun && req.Urn.Type() == instanceToken {
			resp.Properties = unknownUntilSettled(resp.Properties)
		}
		return resp, err
	}
	diff := prov.Diff
	prov.Diff = func(ctx context.Context, req p.DiffRequest) (p.DiffResponse, error) {
		req = ignoreChanges(req)
		if req.Urn.Type() == sshKeyToken {
			return diffSshKey(req), nil
		}
		return diff(withRequest(ctx, request{req.Urn, req.Inputs, req.OldInputs, req.State}), req)
	}
	read := prov.Read
	prov.Read = func(ctx context.Context, req p.ReadRequest) (p.ReadResponse, error) {
		ctx = withRequest(ctx, request{urn: req.Urn, inputs: req.Inputs, state: req.Properties})
		resp, err := read(withSecrets(ctx, req.Properties, req.Inputs), req)
		resp.Properties = keepSecret(resp.Properties, secretProperties...)
		resp.Inputs = keepSecret(resp.Inputs, secretProperties...)
		return resp, err
	}
	del := prov.Delete
	prov.Delete = func(ctx context.Context, req p.DeleteRequest) error {
		ctx = withRequest(ctx, request{urn: req.Urn, inputs: req.OldInputs, state: req.Properties})
		return del(withSecrets(ctx, req.Properties, req.OldInputs), req)
	}
	return prov
}

// secretProperties are secret wherever they stand, and secretConfiguration in the
// provider's configuration.
var (
	secretProperties    = []string{"windowsPassword"}
	secretConfiguration = []string{"apiKey"}
)

// languages is what the SDKs are generated with.
var languages = map[string]any{
	"go": map[string]any{
		"importBasePath":                 "github.com/pulumi-pictor/pulumi-pictor/sdk/go/pictor",
		"generateResourceContainerTypes": true,
		"respectSchemaVersion":           true,
	},
	"nodejs": map[string]any{
		"packageName":          "@pulumi-pictor/pictor",
		"packageDescription":   "Rent GPU machines from Pictor with Pulumi.",
		"dependencies":         map[string]string{"@pulumi/pulumi": "^3.142.0"},
		"devDependencies":      map[string]string{"@types/node": "^22", "typescript": "^5.9.0"},
		"respectSchemaVersion": true,
	},
	"python": map[string]any{
		"packageName":          "pulumi_pictor",
		"respectSchemaVersion": true,
		"pythonRequires":       ">=3.10",
		"requires":             map[string]string{"pulumi": ">=3.142.0,<4.0.0"},
		"pyproject":            map[string]any{"enabled": true},
	},
}
