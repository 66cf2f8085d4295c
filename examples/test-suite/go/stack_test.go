package main

import (
	"context"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// stack is a Pulumi stack of a test's own, whose program is a function in the
// test's process.
type stack struct {
	auto.Stack
	t *testing.T
}

// deploy makes a stack that finds the simulator. Whatever becomes of the test,
// what it rented is given back.
func deploy(t *testing.T, sim *simtest.Sim, program pulumi.RunFunc) stack {
	t.Helper()
	folder := t.TempDir()
	made, err := auto.NewStackInlineSource(t.Context(), "test", "test-suite", program,
		auto.Project(workspace.Project{
			Name:    tokens.PackageName("test-suite"),
			Runtime: workspace.NewProjectRuntimeInfo("go", nil),
			Backend: &workspace.ProjectBackend{URL: "file://" + folder},
		}),
		auto.PulumiHome(folder+"/home"),
		auto.EnvVars(map[string]string{
			"PICTOR_ENDPOINT":                             sim.Endpoint,
			"PICTOR_API_KEY":                              sim.APIKey,
			"PULUMI_CONFIG_PASSPHRASE":                    "for tests only",
			"PULUMI_SKIP_UPDATE_CHECK":                    "1",
			"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
		}),
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := made.Destroy(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return stack{made, t}
}

// up carries the program out and returns its outputs.
func (s stack) up(options ...optup.Option) auto.OutputMap {
	s.t.Helper()
	result, err := s.Up(s.t.Context(), options...)
	if err != nil {
		s.t.Fatal(err)
	}
	return result.Outputs
}
