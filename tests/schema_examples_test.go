package tests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The schema's examples are written in YAML, and the other languages are made of
// that by Pulumi's own converters. Here each runs as it stands; for the others see
// schema_languages_test.go.
func TestTheSchemasExamplesRun(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../provider/docs/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for program := range strings.SplitSeq(string(text), "\n---\n") {
			_, rest, _ := strings.Cut(program, "description: ")
			title, body, _ := strings.Cut(rest, "\n")
			t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml")+"/"+title, func(t *testing.T) {
				t.Parallel()
				p := newProject(t)
				p.program(body)
				p.pulumi("stack", "init", "e2e")
				if strings.Contains(body, "${publicKey}") {
					p.pulumi("config", "set", "publicKey", publicKey)
				}
				if strings.Contains(body, "${password}") {
					p.pulumi("config", "set", "--secret", "password", "Correct-Horse-7")
				}
				p.pulumi("up", "--yes", "--skip-preview")
				p.pulumi("preview", "--expect-no-changes")
				p.pulumi("destroy", "--yes", "--skip-preview")
			})
		}
	}
}
