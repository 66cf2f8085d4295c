package provider_test

import (
	"strings"
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/provider"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

func TestConfigurationIsCheckedOnTheProperty(t *testing.T) {
	t.Parallel()
	s := serve(t, provider.Options{})
	good := props{"apiKey": text("k3y-of-mine"), "endpoint": text("http://127.0.0.1:1/api")}
	for name, c := range map[string]struct {
		change   props
		property string
		says     string
	}{
		"fine":                 {nil, "", ""},
		"as strings":           {props{"requestsPerMinute": text("60"), "allowInsecure": text("true")}, "", ""},
		"no key yet":           {props{"apiKey": unknown}, "", ""},
		"unencrypted":          {props{"endpoint": text("http://pictor.example/api")}, "endpoint", "allowInsecure"},
		"unencrypted, allowed": {props{"endpoint": text("http://pictor.example/api"), "allowInsecure": flag(true)}, "", ""},
		"no address":           {props{"endpoint": text("pictor")}, "endpoint", ""},
		"a key in two lines":   {props{"apiKey": text("k3y\nof-mine")}, "", "apiKey: "},
		"a negative limit":     {props{"requestsPerMinute": number(-1)}, "requestsPerMinute", "-1"},
		"a limit":              {props{"maxHourlySpend": text("2.50")}, "", ""},
		"a limit in words":     {props{"maxHourlySpend": text("little")}, "maxHourlySpend", "decimal string"},
		"a limit too exact":    {props{"maxHourlySpend": text("0.1234567")}, "maxHourlySpend", "six decimal places"},
		"a limit of nothing":   {props{"maxHourlySpend": text("0")}, "maxHourlySpend", "above 0"},
		"a limit to be known":  {props{"maxHourlySpend": unknown}, "", ""},
		"a password in it":     {props{"endpoint": text("https://me:k3y@pictor.example/api")}, "", "endpoint: "},
		"part of a request":    {props{"requestsPerMinute": property.New(0.5)}, "requestsPerMinute", "whole number"},
		"part, as a string":    {props{"requestsPerMinute": text("1.5")}, "requestsPerMinute", "whole number"},
		"a number for a limit": {props{"maxHourlySpend": number(2)}, "maxHourlySpend", "write it in quotes"},
		"a ceiling misspelt":   {props{"maxHourlySpent": text("2.50")}, "", "no configuration \"maxHourlySpent\": did you mean \"maxHourlySpend\"?"},
		"a key misspelt":       {props{"apikey": text("k3y-too")}, "", "did you mean \"apiKey\"?"},
		"what Pulumi adds":     {props{"version": text("0.1.0"), "pluginDownloadURL": text("github://x"), "__internal": text("{}")}, "", ""},
		"an impossible header": {props{"authHeader": text("not a header")}, "authHeader", "header"},
	} {
		resp, err := s.server.CheckConfig(p.CheckRequest{Urn: urnOf("pulumi:providers:pictor", "default"), Inputs: property.NewMap(with(good, c.change))})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		switch {
		case c.says == "" && c.property == "" && len(resp.Failures) > 0:
			t.Errorf("%s: fails with %v", name, resp.Failures)
		case c.says+c.property != "" && (len(resp.Failures) != 1 || resp.Failures[0].Property != c.property || !strings.Contains(resp.Failures[0].Reason, c.says)):
			t.Errorf("%s: failures are %v, not one of %s that says %q", name, resp.Failures, c.property, c.says)
		}
		if text := toString(resp.Failures); strings.Contains(text, "k3y") {
			t.Errorf("%s: the key shows in %s", name, text)
		}
		if key, ok := resp.Inputs.GetOk("apiKey"); ok && !key.IsComputed() && !key.Secret() {
			t.Errorf("%s: the key is not secret", name)
		}
	}
}

func TestNoChangeOfConfigurationReplacesAnything(t *testing.T) {
	t.Parallel()
	s := serve(t, provider.Options{})
	olds := property.NewMap(props{"apiKey": text("one-key").WithSecret(true), "endpoint": text("https://a.example/api")})
	for _, news := range []props{
		{"apiKey": text("other-key"), "endpoint": text("https://b.example/api")},
		{"authHeader": text("X-API-Key")},
		{"maxHourlySpend": text("3")},
		{},
	} {
		d, err := s.server.DiffConfig(p.DiffRequest{State: olds, OldInputs: olds, Inputs: property.NewMap(news)})
		if err != nil || !d.HasChanges {
			t.Fatalf("%v: changes %v, %v", news, d.HasChanges, err)
		}
		for key, kind := range d.DetailedDiff {
			if strings.HasSuffix(string(kind.Kind), "replace") {
				t.Errorf("%v: %s replaces the provider and all it manages", news, key)
			}
		}
	}
	d, err := s.server.DiffConfig(p.DiffRequest{State: olds, OldInputs: olds, Inputs: olds.Set("version", text("9.9.9"))})
	if err != nil || d.HasChanges {
		t.Errorf("another version: %v, %v", d, err)
	}
}

// It cannot run beside others: it sets environment variables.
func TestTheEnvironmentStandsInAndIsNotStored(t *testing.T) {
	sim := simtest.New(t)
	t.Setenv("PICTOR_ENDPOINT", sim.Endpoint)
	t.Setenv("PICTOR_API_KEY", sim.APIKey)
	s := serve(t, provider.Options{Clock: &restless{}})
	resp, err := s.server.CheckConfig(p.CheckRequest{Urn: urnOf("pulumi:providers:pictor", "default")})
	if err != nil || len(resp.Failures) > 0 {
		t.Fatalf("%v, %v", resp.Failures, err)
	}
	if _, stored := resp.Inputs.GetOk("apiKey"); stored {
		t.Error("the key from the environment is stored; a new one could not take its place")
	}
	s.configure(nil)
	if _, err := s.server.Invoke(p.InvokeRequest{Token: "pictor:index:getAccount"}); err != nil {
		t.Error(err)
	}

	t.Setenv("PICTOR_API_KEY", "")
	s = serve(t, provider.Options{})
	resp, err = s.server.CheckConfig(p.CheckRequest{Urn: urnOf("pulumi:providers:pictor", "default")})
	if err != nil || len(resp.Failures) != 1 || resp.Failures[0].Property != "apiKey" || !strings.Contains(resp.Failures[0].Reason, "PICTOR_API_KEY") {
		t.Errorf("without a key: %v, %v", resp.Failures, err)
	}
	s.configure(nil)
	_, err = s.server.Invoke(p.InvokeRequest{Token: "pictor:index:getAccount"})
	wantError(t, err, "PICTOR_API_KEY")
}

func TestAWrongKeyAndAnUnreachableEndpointSayWhatToDo(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	for name, c := range map[string]struct {
		config props
		says   []string
	}{
		"wrong key":   {props{"endpoint": text(sim.Endpoint), "apiKey": text("not-the-key")}, []string{"unauthorized", "app.pictor.network/account/keys"}},
		"unreachable": {props{"endpoint": text("http://127.0.0.1:1/api"), "apiKey": text("not-the-key")}, []string{"127.0.0.1:1", "PICTOR_ENDPOINT"}},
		"wrong path":  {props{"endpoint": text(strings.TrimSuffix(sim.Endpoint, "/api") + "/v9"), "apiKey": text(sim.APIKey)}, []string{"PICTOR_ENDPOINT"}},
	} {
		s := serve(t, provider.Options{Clock: &restless{}})
		s.configure(c.config)
		_, err := s.server.Invoke(p.InvokeRequest{Token: "pictor:index:getAccount"})
		wantError(t, err, c.says...)
		if err != nil && (strings.Contains(err.Error(), "not-the-key") || strings.Contains(err.Error(), sim.APIKey)) {
			t.Errorf("%s: the key shows in %v", name, err)
		}
	}
}
