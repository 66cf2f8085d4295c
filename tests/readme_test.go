package tests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheFirstProgramIsTheExample(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"README.md", "docs/_index.md"} {
		theFirstProgramIsTheExample(t, page)
	}
}

func theFirstProgramIsTheExample(t *testing.T, page string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", page))
	if err != nil {
		t.Fatal(err)
	}
	for language, file := range map[string]string{
		"yaml": "yaml/Pulumi.yaml", "typescript": "typescript/index.ts", "python": "python/__main__.py", "go": "go/main.go",
	} {
		program, err := os.ReadFile(filepath.Join("../examples/one-machine", file))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "```"+language+"\n"+string(program)+"```\n") {
			t.Errorf("the program in %s of %s is not examples/one-machine/%s", language, page, file)
		}
	}
}

func TestTheFirstProgramRuns(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	program, err := os.ReadFile("../examples/one-machine/yaml/Pulumi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(program), "runtime: yaml\n")
	p.program(rest)
	p.pulumi("stack", "init", "e2e")
	p.pulumi("config", "set", "publicKey", publicKey+" me@laptop")
	p.pulumi("up", "--yes", "--skip-preview")
	if login := p.output("login"); login != "ssh root@"+only(t, p.sim).Address {
		t.Errorf("the login is %q", login)
	}
	p.pulumi("destroy", "--yes", "--skip-preview")
}
