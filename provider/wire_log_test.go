package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/provider"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

func TestTheEnvironmentAsksForAWireLog(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t)
	config := props{"endpoint": text(sim.Endpoint), "apiKey": text(sim.APIKey).WithSecret(true)}
	for level, test := range map[string]struct{ has, lacks string }{
		"":      {"path=/api/account", "request_header"}, // a file alone asks for lines
		"debug": {"path=/api/account", "request_header"},
		"trace": {"request_header.Authorization=[redacted]", sim.APIKey},
	} {
		file := filepath.Join(t.TempDir(), "wire.log")
		environment := map[string]string{"PICTOR_LOG": level, "PICTOR_LOG_FILE": file}
		s := serve(t, provider.Options{Clock: &restless{}, Getenv: func(name string) string { return environment[name] }})
		s.configure(config)
		if _, err := s.server.Invoke(p.InvokeRequest{Token: "pictor:index:getAccount"}); err != nil {
			t.Fatal(err)
		}
		log, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(log), test.has) || strings.Contains(string(log), test.lacks) || strings.Contains(string(log), sim.APIKey) {
			t.Errorf("%q: %v\n%s", level, err, log)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%q: others can read it: %v", level, err)
		}
	}
	s := serve(t, provider.Options{Getenv: func(name string) string { return map[string]string{"PICTOR_LOG": "loud"}[name] }})
	resp, err := s.server.CheckConfig(p.CheckRequest{Urn: urnOf("pulumi:providers:pictor", "default"), Inputs: property.NewMap(config)})
	if err != nil || len(resp.Failures) != 1 || !strings.Contains(resp.Failures[0].Reason, `"trace"`) {
		t.Errorf("a level that there is not: %v, %v", resp.Failures, err)
	}
	resp, err = s.server.CheckConfig(p.CheckRequest{Urn: urnOf("pulumi:providers:pictor", "default"), Inputs: property.NewMap(with(config, props{"caFile": text("/no/such.pem")}))})
	if err != nil || len(resp.Failures) == 0 || resp.Failures[0].Property != "caFile" {
		t.Errorf("a file that is not there: %v, %v", resp.Failures, err)
	}
}
