package tests

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Whatever the workflows do beyond these calls, make lint has actionlint look at.
func TestTheWorkflowsCallWhatThereIs(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../.github/workflows/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no workflows (%v)", err)
	}
	for _, file := range files {
		for _, step := range steps(t, file) {
			if step.Uses != "" && !regexp.MustCompile(`^[\w-]+/[\w-]+@[0-9a-f]{40}$`).MatchString(step.Uses) {
				t.Errorf("%s uses %s, which is not pinned to a commit", file, step.Uses)
			}
			for _, call := range regexp.MustCompile(`\bmake ([a-z-]+)`).FindAllStringSubmatch(step.Run, -1) {
				if !strings.Contains(string(makefile), "\n"+call[1]+": ") {
					t.Errorf("%s calls make %s, and there is no such target", file, call[1])
				}
			}
			if script, _, _ := strings.Cut(step.Run, " "); strings.HasPrefix(script, ".") {
				if _, err := os.Stat(filepath.Join("..", script)); err != nil {
					t.Errorf("%s: %v", file, err)
				}
			}
		}
	}
}

type step struct{ Uses, Run string }

func steps(t *testing.T, file string) []step {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		Jobs map[string]struct{ Steps []step }
	}
	if err := yaml.Unmarshal(text, &workflow); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	var all []step
	for name, job := range workflow.Jobs {
		if len(job.Steps) == 0 {
			t.Errorf("%s: the job %s does nothing", file, name)
		}
		all = append(all, job.Steps...)
	}
	return all
}
