package tests

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// language is one that examples are written in.
type language struct {
	name    string   // of the examples' folders
	program string   // the file that is the program
	runtime string   // Pulumi's name of it
	needs   []string // on the PATH
	install func(workspace) (workspace, error)
}

var languages = []language{
	{"yaml", "Pulumi.yaml", "yaml", nil, func(w workspace) (workspace, error) { return w, nil }},
	{"typescript", "index.ts", "nodejs", []string{"node", "npm"}, installTypeScript},
	{"python", "__main__.py", "python", []string{"python3"}, installPython},
	{"go", "main.go", "go", []string{"go"}, installGo},
}

// workspace is a folder with a copy of each example of one language, untouched,
// and what they depend on, installed as their users do, with the SDK of this
// checkout packed as it is published.
type workspace struct {
	dir     string
	stories []string
	env     func(story string) []string // for a program; nil when it needs nothing
}

// newWorkspace copies the examples; the language installs what they depend on.
func newWorkspace(l language) (workspace, error) {
	w := workspace{dir: filepath.Join(binaries, "workspaces", l.name), stories: storiesIn(l.name)}
	for _, story := range w.stories {
		if err := os.CopyFS(filepath.Join(w.dir, story), os.DirFS(filepath.Join("../examples", story, l.name))); err != nil {
			return w, err
		}
	}
	w, err := l.install(w)
	if err != nil {
		return w, fmt.Errorf("what the examples in %s need cannot be installed: %w", l.name, err)
	}
	return w, nil
}

// workspaces are made once, by the first test that needs them.
var workspaces = func() map[string]func() (workspace, error) {
	all := map[string]func() (workspace, error){}
	for _, l := range languages {
		all[l.name] = sync.OnceValues(func() (workspace, error) { return newWorkspace(l) })
	}
	return all
}()

func workspaceOf(t *testing.T, l language) workspace {
	t.Helper()
	require(t, l.needs...)
	w, err := workspaces[l.name]()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// storiesIn are the folders of examples/ with programs in a language. The suites of
// test-suite have a make target, as they bring their own way to run Pulumi.
func storiesIn(language string) []string {
	folders, _ := filepath.Glob(filepath.Join("../examples", "*", language))
	var stories []string
	for _, folder := range folders {
		if story := filepath.Base(filepath.Dir(folder)); story != "test-suite" {
			stories = append(stories, story)
		}
	}
	return stories
}

// installTypeScript makes the examples workspaces of one npm project, so that npm
// gives each what its own package.json asks for.
func installTypeScript(w workspace) (workspace, error) {
	sdk, err := packed["nodejs"]()
	if err != nil {
		return w, err
	}
	project := fmt.Sprintf(`{"private": true, "workspaces": ["*"], "dependencies": {"@pulumi-pictor/pictor": "file:%s", "@pulumi/pulumi": "%s"}}`, sdk, pulumiVersion())
	if err := os.WriteFile(filepath.Join(w.dir, "package.json"), []byte(project), 0o600); err != nil {
		return w, err
	}
	return w, command(w.dir, "npm", "install", "--silent", "--no-audit", "--no-fund", "--prefer-offline")
}

// installPython makes a virtual environment for all examples, with a type checker.
func installPython(w workspace) (workspace, error) {
	sdk, err := packed["python"]()
	if err != nil {
		return w, err
	}
	venv := filepath.Join(w.dir, "venv")
	if err := command(w.dir, "python3", "-m", "venv", venv); err != nil {
		return w, err
	}
	w.env = func(string) []string {
		return []string{"VIRTUAL_ENV=" + venv, "PATH=" + filepath.Join(venv, "bin") + string(filepath.ListSeparator) + programPath()}
	}
	install := []string{"install", "--quiet", "--disable-pip-version-check", sdk, "pulumi==" + pulumiVersion(), "mypy==2.4.1"}
	for _, story := range w.stories {
		install = append(install, "-r", filepath.Join(story, "requirements.txt"))
	}
	return w, command(w.dir, filepath.Join(venv, "bin", "pip"), install...)
}

// installGo builds each example by a module file beside its folder: its own, with the
// SDK of this checkout in place of the published one. Its own stays as it is.
func installGo(w workspace) (workspace, error) {
	sdk, err := filepath.Abs("../sdk/go")
	if err != nil {
		return w, err
	}
	moduleFile := func(story string) string { return filepath.Join(w.dir, story+".mod") }
	for _, story := range w.stories {
		dir, file := filepath.Join(w.dir, story), moduleFile(story)
		own, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err != nil {
			return w, err
		}
		if err := os.WriteFile(file, own, 0o600); err != nil {
			return w, err
		}
		if err := command(dir, "go", "mod", "edit", "-replace="+module+"sdk/go="+sdk, file); err != nil {
			return w, err
		}
		if err := command(dir, "go", "mod", "tidy", "-modfile="+file); err != nil {
			return w, err
		}
	}
	w.env = func(story string) []string {
		return []string{"GOFLAGS=" + os.Getenv("GOFLAGS") + " -modfile=" + moduleFile(story)}
	}
	return w, nil
}
