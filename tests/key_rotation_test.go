package tests

import (
	"strings"
	"testing"
)

// A key is revoked and another takes its place: wherever it stood, refresh,
// preview, up and destroy go on with the new one, and nothing is replaced.
func TestANewKeyServesEverythingAndReplacesNothing(t *testing.T) {
	t.Parallel()
	explicit := `
config:
  key: {type: string, secret: true}
resources:
  pictor:
    type: pulumi:providers:pictor
    properties: {apiKey: "${key}"}
  trainer:
    type: pictor:Instance
    properties: {gpuModel: RTX 4090, rentalHours: 1}
    options: {provider: "${pictor}"}
`
	plain := "resources:\n  trainer:\n    type: pictor:Instance\n    properties: {gpuModel: RTX 4090, rentalHours: 1}\n"
	for name, test := range map[string]struct {
		program string
		set     func(p *project, key string)
	}{
		"from the environment":   {plain, func(p *project, key string) { p.env = append(p.env, "PICTOR_API_KEY="+key) }},
		"from the configuration": {plain, func(p *project, key string) { p.pulumi("config", "set", "pictor:apiKey", key, "--secret") }},
		"of a provider resource": {explicit, func(p *project, key string) { p.pulumi("config", "set", "key", key, "--secret") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			p.env = append(p.env, "PICTOR_API_KEY=")
			p.program(test.program)
			p.pulumi("stack", "init", "e2e")
			test.set(p, p.sim.APIKey)
			p.pulumi("up", "--yes", "--skip-preview")
			id := only(t, p.sim).ID
			second := p.sim.NewKey(t)
			if out, err := p.try("refresh", "--yes"); err == nil || !strings.Contains(out, "PICTOR_API_KEY") {
				t.Errorf("the old key still serves: %v\n%s", err, out)
			}
			test.set(p, second)
			p.pulumi("refresh", "--yes", "--run-program")
			if name != "from the environment" {
				// Without --run-program Pulumi takes the old key from the state.
				environment := p.env
				p.env = append(p.env, "PICTOR_API_KEY="+second)
				p.pulumi("refresh", "--yes")
				p.env = environment
			}
			p.pulumi("preview", "--diff")
			p.pulumi("up", "--yes", "--skip-preview")
			if now := only(t, p.sim).ID; now != id {
				t.Errorf("replaced %s by %s", id, now)
			}
			p.pulumi("destroy", "--yes", "--skip-preview")
		})
	}
}
