package tests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/pulumi-pictor/pulumi-pictor/provider"
)

// The workflow that users copy does what it says, in a project of theirs. GitHub's
// own steps are not run: what they install is here.
func TestTheWorkflowOfTheGuideRuns(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/guides/ci.yml")
	if err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		Env  map[string]string
		Jobs map[string]struct {
			Steps []struct {
				Uses, Name, Run string
				With            map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &workflow); err != nil {
		t.Fatal(err)
	}
	if got := workflow.Env["PICTOR_VERSION"]; got != "v"+provider.Version {
		t.Errorf("the workflow installs %s, and this is v%s", got, provider.Version)
	}

	r := newReader(t)
	r.goModule()
	for name, files := range map[string][]string{
		"docs/guides/offline-tests.md": {"Pulumi.yaml"}, "docs/guides/time-travel.md": {"renewal_test.go"}, "docs/guides/ci.md": {"faults.json"},
	} {
		for _, b := range pages(t, "../"+name)[0].blocks {
			for _, file := range files {
				if b.file == file {
					r.write(file, b.text)
				}
			}
		}
	}
	script := ""
	for name, value := range workflow.Env {
		if name != "PULUMI_BACKEND_URL" { // ours is as good, and not at anybody's home
			script += "export " + name + "='" + value + "'\n"
		}
	}
	for _, job := range workflow.Jobs {
		for _, step := range job.Steps {
			if strings.HasPrefix(step.Uses, "pulumi/actions@") {
				if want := find(t, "../.tools/go.mod", `pulumi/pkg/v3 v(\S+)`); step.With["pulumi-version"] != want {
					t.Errorf("the workflow installs Pulumi %s, and we are at %s", step.With["pulumi-version"], want)
				}
			}
			if strings.HasPrefix(step.Run, "go install ") {
				installs(t, step.Run)
				continue
			}
			script += step.Run + "\n"
		}
	}
	out := r.sh("bash -e", script)
	wantPrinted(t, "the workflow", "…rental of trainer-…\n…rental of trainer-…\nok …\n", out)
}

// installs is for "go install" of a version that may not be published yet: each
// package must be a command of this checkout, which the tests have built.
func installs(t *testing.T, run string) {
	t.Helper()
	for line := range strings.Lines(run) {
		path, _, versioned := strings.Cut(strings.Trim(strings.TrimPrefix(strings.TrimSpace(line), "go install "), `"`), "@$PICTOR_VERSION")
		built := filepath.Join(binaries, filepath.Base(path))
		if _, err := os.Stat(built); err != nil || !versioned {
			t.Errorf("%q installs what the tests have not built: %v", strings.TrimSpace(line), err)
		}
		if _, err := os.Stat(filepath.Join("..", strings.TrimPrefix(path, module), "main.go")); err != nil {
			t.Errorf("%s is no command: %v", path, err)
		}
	}
}
