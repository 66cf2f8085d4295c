package provider

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Config is the provider's configuration.
type Config struct {
	APIKey            *string `pulumi:"apiKey,optional" provider:"secret"`
	Endpoint          *string `pulumi:"endpoint,optional"`
	AuthHeader        *string `pulumi:"authHeader,optional"`
	AuthScheme        *string `pulumi:"authScheme,optional"`
	AllowInsecure     *bool   `pulumi:"allowInsecure,optional"`
	RequestsPerMinute *int    `pulumi:"requestsPerMinute,optional"`
	MaxHourlySpend    *string `pulumi:"maxHourlySpend,optional"`
	CAFile            *string `pulumi:"caFile,optional"`

	options Options
	session *session // made by Configure
}

// Environment variables that stand in for configuration that is not set.
const (
	apiKeyVariable   = "PICTOR_API_KEY"
	endpointVariable = "PICTOR_ENDPOINT"
	caFileVariable   = "PICTOR_CA_FILE"
)

// Annotate describes the configuration.
func (c *Config) Annotate(a infer.Annotator) {
	a.Describe(&c.APIKey, "API key of the Pictor account, from the API Keys page of the Pictor App (app.pictor.network/account/keys). "+
		"When it is not set, the environment variable `PICTOR_API_KEY` is read at each run and never stored in the state. "+
		"If the service refuses this key, that variable's is tried: Pulumi takes this one from the state for `refresh` and `destroy` (unless with `--run-program`), where it is the old one after a rotation. Nothing is rented with that variable's key then.")
	a.Describe(&c.Endpoint, "Base URL of the API, such as a simulator's. Defaults to the environment variable `PICTOR_ENDPOINT`, else `"+pictor.DefaultEndpoint+"`.")
	a.Describe(&c.AuthHeader, "Header that carries the API key. Defaults to `Authorization`.")
	a.Describe(&c.AuthScheme, "Word before the API key in that header. Defaults to `Bearer` in `Authorization` and to none in any other header.")
	a.Describe(&c.AllowInsecure, "Allow a plain-http endpoint on another machine. The API key then crosses the network unencrypted.")
	a.Describe(&c.RequestsPerMinute, "Never send more requests a minute than this. By default only the service's own rate limit is obeyed.")
	a.Describe(&c.MaxHourlySpend, "Most that all instances of the API key together may cost an hour, in credits, as a decimal string such as `\"2.50\"`. "+
		"What would pass it is refused at preview, and again before it is paid for. Everything counts that is rented and has not ended: "+
		"also what no Pulumi program manages, what is stopped, and what is to be replaced, until it is deleted. Storage does not count. By default there is no limit.")
	a.Describe(&c.CAFile, "PEM file with certificates that are trusted besides the system's, such as those of a proxy in between. "+
		"Defaults to the environment variable `PICTOR_CA_FILE`. Proxies are taken from `HTTPS_PROXY` and `NO_PROXY`.")
}

// spendLimit is the limit of what all instances cost an hour; 0 is none.
func (c *Config) spendLimit() (pictor.Credits, error) {
	if c.MaxHourlySpend == nil {
		return 0, nil
	}
	limit, err := pictor.ParseCredits(*c.MaxHourlySpend)
	switch {
	case err != nil:
		return 0, fmt.Errorf("maxHourlySpend must be credits as a decimal string, such as \"2.50\": %w", err)
	case limit <= 0:
		return 0, fmt.Errorf("maxHourlySpend must be above 0, or nothing could ever be rented")
	}
	return limit, nil
}

// Configure makes the session that all resources share.
func (c *Config) Configure(context.Context) error {
	c.session = newSession(c)
	return nil
}

// client is the configuration of the API client, environment included.
func (c *Config) client() pictor.Config {
	return pictor.Config{
		Endpoint:          c.orEnvironment(c.Endpoint, endpointVariable),
		APIKey:            c.orEnvironment(c.APIKey, apiKeyVariable),
		SpareKey:          c.options.Getenv(apiKeyVariable),
		AuthHeader:        value(c.AuthHeader),
		AuthScheme:        value(c.AuthScheme),
		AllowInsecure:     value(c.AllowInsecure),
		RequestsPerMinute: value(c.RequestsPerMinute),
		CAFile:            c.orEnvironment(c.CAFile, caFileVariable),
		Version:           Version,
		Transport:         c.options.Transport,
		Clock:             c.options.Clock,
	}
}

func (c *Config) orEnvironment(set *string, variable string) string {
	if set != nil && *set != "" {
		return *set
	}
	return c.options.Getenv(variable)
}

// checkConfig refuses a configuration that could not work, on the property at
// fault, as early as the engine asks.
func checkConfig(options Options, check func(context.Context, p.CheckRequest) (p.CheckResponse, error)) func(context.Context, p.CheckRequest) (p.CheckResponse, error) {
	return func(ctx context.Context, req p.CheckRequest) (p.CheckResponse, error) {
		resp, err := check(ctx, req)
		for key := range resp.Inputs.All {
			// infer decodes every check of a process into one value, so that what
			// one sets would stand in the answer to the next.
			if _, asked := req.Inputs.GetOk(key); !asked && !strings.HasPrefix(key, "__") {
				resp.Inputs = resp.Inputs.Delete(key)
			}
		}
		if err == nil && len(resp.Failures) == 0 {
			resp.Failures = configFailures(options, req.Inputs)
		}
		resp.Failures = presentable(resp.Failures, req.Inputs)
		return resp, err
	}
}

// configFailures are what keeps a configuration from working, or from doing what
// it is to do: a ceiling whose name is misspelt would be none.
func configFailures(options Options, inputs property.Map) []p.CheckFailure {
	failures := append(unknownConfiguration(inputs), fractions(inputs)...)
	if n := inputs.Get("requestsPerMinute"); n.IsString() {
		if _, err := strconv.Atoi(n.AsString()); err != nil {
			failures = append(failures, p.CheckFailure{Property: "requestsPerMinute", Reason: fmt.Sprintf("must be a whole number, not %q", n.AsString())})
		}
	}
	if len(failures) > 0 || property.New(inputs).HasComputed() {
		return failures
	}
	c := configOf(inputs)
	c.options = options
	if _, err := pictor.New(c.client()); err != nil {
		failures = append(failures, p.CheckFailure{Property: configProperty(c.client()), Reason: err.Error()})
	}
	if _, err := c.spendLimit(); err != nil {
		failures = append(failures, p.CheckFailure{Property: "maxHourlySpend", Reason: err.Error()})
	}
	if _, err := logLevel(options.Getenv); err != nil {
		failures = append(failures, p.CheckFailure{Reason: err.Error()})
	}
	return failures
}

// unknownConfiguration refuses names that are none of the configuration's.
func unknownConfiguration(inputs property.Map) (failures []p.CheckFailure) {
	names := configNames()
	for key := range inputs.All {
		if !slices.Contains(names, key) && !slices.Contains(engineConfiguration, key) && !strings.HasPrefix(key, "__") {
			// Without the property: what was written to the wrong name may be a key.
			failures = append(failures, p.CheckFailure{Reason: fmt.Sprintf("the provider has no configuration %q: did you mean %q? There are: %s",
				key, nearest(key, names), strings.Join(names, ", "))})
		}
	}
	return failures
}

// engineConfiguration is what Pulumi puts beside a provider's own.
var engineConfiguration = []string{"version", "pluginDownloadURL", "pluginChecksums", "parameterization"}

// configNames are the names of the configuration, in order.
func configNames() (names []string) {
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		if name, _, _ := strings.Cut(field.Tag.Get("pulumi"), ","); name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// configOf reads a configuration as the engine sends it: every value may be a
// string.
func configOf(m property.Map) *Config {
	text := func(key string) *string {
		v, ok := m.GetOk(key)
		if !ok || !v.IsString() {
			return nil
		}
		s := v.AsString()
		return &s
	}
	c := &Config{
		APIKey: text("apiKey"), Endpoint: text("endpoint"), AuthHeader: text("authHeader"), AuthScheme: text("authScheme"),
		MaxHourlySpend: text("maxHourlySpend"), CAFile: text("caFile"),
	}
	if v := m.Get("allowInsecure"); v.IsBool() {
		c.AllowInsecure = new(v.AsBool())
	} else if s := text("allowInsecure"); s != nil {
		c.AllowInsecure = new(*s == "true")
	}
	if v := m.Get("requestsPerMinute"); v.IsNumber() {
		c.RequestsPerMinute = new(int(v.AsNumber()))
	} else if s := text("requestsPerMinute"); s != nil {
		if n, err := strconv.Atoi(*s); err == nil {
			c.RequestsPerMinute = &n
		}
	}
	return c
}

// configProperty guesses which property a refused configuration is about, by
// trying again with the others as they are by default.
func configProperty(c pictor.Config) string {
	works := func(c pictor.Config) bool { _, err := pictor.New(c); return err == nil }
	key := c.APIKey
	c.APIKey = "a-key-that-can-be-sent"
	if works(c) {
		return "apiKey"
	}
	c.APIKey = key
	c.Endpoint = pictor.DefaultEndpoint
	if works(c) {
		return "endpoint"
	}
	c.RequestsPerMinute = 0
	if works(c) {
		return "requestsPerMinute"
	}
	c.CAFile = ""
	if works(c) {
		return "caFile"
	}
	return "authHeader"
}

// diffConfig never replaces the provider, and with it everything it manages: a
// new key or another spelling of the endpoint still reaches the same machines.
func diffConfig(_ context.Context, req p.DiffRequest) (p.DiffResponse, error) {
	diff := changed(req.OldInputs, req.Inputs)
	delete(diff, "version")
	return p.DiffResponse{HasChanges: len(diff) > 0, DetailedDiff: diff}, nil
}
