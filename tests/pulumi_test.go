package tests

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// binaries is where TestMain builds what the tests run.
var binaries string

func TestMain(m *testing.M) {
	status, err := buildAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

func buildAndRun(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "pictor-tests-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	binaries = dir
	tools, err := filepath.Abs("../.bin") // where make builds a pulumi when there is none
	if err != nil {
		return 0, err
	}
	if err := os.Setenv("PATH", tools+string(filepath.ListSeparator)+os.Getenv("PATH")); err != nil {
		return 0, err
	}
	build := exec.Command("go", "build", "-o", dir, "./provider/cmd/pulumi-resource-pictor", "./simulator/cmd/pictor-sim")
	build.Dir, build.Stderr = "..", os.Stderr
	if err := build.Run(); err != nil {
		return 0, fmt.Errorf("the binaries cannot be built: %w", err)
	}
	return m.Run(), nil
}

// project is a Pulumi project in a folder of its own, with a backend, a home
// and a simulator of its own.
type project struct {
	t   *testing.T
	dir string
	sim *simtest.Sim
	env []string
}

const passphrase = "for tests only"

func newProject(t *testing.T, options ...simtest.Option) *project {
	t.Helper()
	if _, err := exec.LookPath("pulumi"); err != nil {
		t.Fatal("pulumi is not on the PATH: run the tests with \"make test\", which builds it when it is missing")
	}
	p := &project{t: t, dir: t.TempDir(), sim: simtest.New(t, options...)}
	if err := os.Mkdir(filepath.Join(p.dir, "backend"), 0o700); err != nil {
		t.Fatal(err)
	}
	p.env = append(os.Environ(),
		"PULUMI_HOME="+filepath.Join(p.dir, "home"),
		"PULUMI_BACKEND_URL=file://"+filepath.Join(p.dir, "backend"),
		"PULUMI_CONFIG_PASSPHRASE="+passphrase,
		"PULUMI_SKIP_UPDATE_CHECK=1",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		"PICTOR_ENDPOINT="+p.sim.Endpoint,
		"PICTOR_API_KEY="+p.sim.APIKey,
	)
	return p
}

// program writes the YAML program.
func (p *project) program(resources string) {
	p.t.Helper()
	text := fmt.Sprintf("name: e2e\nruntime: yaml\nplugins:\n  providers:\n    - {name: pictor, path: %s}\n%s", binaries, resources)
	if err := os.WriteFile(filepath.Join(p.dir, "Pulumi.yaml"), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// try runs the Pulumi CLI and returns all it prints.
func (p *project) try(args ...string) (string, error) {
	cmd := exec.Command("pulumi", append(args, "--non-interactive", "--color=never")...)
	cmd.Dir, cmd.Env = p.dir, p.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// pulumi runs the Pulumi CLI, which must succeed.
func (p *project) pulumi(args ...string) string {
	p.t.Helper()
	out, err := p.try(args...)
	if err != nil {
		p.t.Fatalf("pulumi %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// output is one of the stack's outputs.
func (p *project) output(name string) string {
	p.t.Helper()
	return strings.TrimSpace(p.pulumi("stack", "output", name, "--show-secrets"))
}

// resourceID is the id of the stack's resource of a type.
func (p *project) resourceID(typeName string) string {
	p.t.Helper()
	return p.find("pictor:index:" + typeName + "::")
}

// idOf is the id of the resource with a logical name.
func (p *project) idOf(name string) string {
	p.t.Helper()
	return p.find("::" + name)
}

// find is the id of the first of the stack's resources with this in its URN.
func (p *project) find(inURN string) string {
	p.t.Helper()
	var stack struct {
		Deployment struct {
			Resources []struct{ URN, ID string }
		}
	}
	if err := json.Unmarshal([]byte(p.pulumi("stack", "export")), &stack); err != nil {
		p.t.Fatal(err)
	}
	for _, r := range stack.Deployment.Resources {
		if strings.Contains(r.URN, "::pictor:index:") && strings.Contains(r.URN, inURN) {
			return r.ID
		}
	}
	p.t.Fatalf("the state has no resource like %s", inURN)
	return ""
}
