package tests

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// runExample is for the page of an example: what it tells to type is typed into the
// folder of its program in YAML. The stories run the other languages.
func runExample(t *testing.T, p page) {
	r := newReader(t)
	if err := os.CopyFS(r.dir, os.DirFS(filepath.Join("..", path.Dir(p.name), "yaml"))); err != nil {
		t.Fatal(err)
	}
	r.types(p)
}

// runRecipes is for the page of the suites: make test-recipes types what it tells to.
func runRecipes(t *testing.T, p page) {
	script, err := os.ReadFile("../.tools/test-recipes.sh")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range p.blocks {
		for line := range strings.Lines(b.text) {
			typed := regexp.MustCompile(`^\$ cd (\w+) && \S`).FindStringSubmatch(line)
			if typed == nil || !strings.Contains(string(script), `"$(typed `+typed[1]+`)"`) {
				t.Errorf("%s:%d: make test-recipes does not type %q", p.name, b.line, line)
			}
		}
	}
}

// runPackagePage is for what a registry shows of an SDK: its program is an example,
// and its commands are those of the other pages, or install what it is about.
func runPackagePage(t *testing.T, p page) {
	example := pages(t, "../examples/one-machine/README.md")[0]
	installs := []string{"npm install @pulumi-pictor/pictor\n", "pip install pulumi_pictor\n", "go get " + module + "sdk/go\n"}
	for _, b := range p.blocks {
		known := b.language == "sh" && (slices.Contains(installs, b.text) || strings.Contains(example.text, b.text))
		if !known && !isExcerpt(t, b) {
			uncovered(t, p, b)
		}
	}
}

// CONTRIBUTING names what there is: targets, files, and the rooms of the house.
func TestContributingNamesWhatThereIs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(text), "\n"); lines > 80 {
		t.Errorf("it has %d lines, and is to be a page", lines)
	}
	targets := makeTargets(t)
	placeholder := regexp.MustCompile(`[A-Z*]|noun_verb`)
	var rooms []string
	for line := range strings.Lines(string(text)) {
		within := ""
		for _, quoted := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(line, -1) {
			words := strings.Fields(quoted[1])
			switch name := quoted[1]; {
			case words[0] == "make":
				for _, target := range words[1:] {
					if !slices.Contains(targets, target) {
						t.Errorf("there is no target %s", target)
					}
				}
			case len(words) == 1 && strings.Contains(name, "/") && !placeholder.MatchString(name):
				if _, err := os.Stat(filepath.Join("..", name)); err != nil {
					t.Error(err)
				}
				within = path.Dir(name)
				rooms = append(rooms, name)
			case len(words) == 1 && strings.HasPrefix(line, "| "): // beside the room before it
				rooms = append(rooms, path.Join(within, name))
			}
		}
	}
	for room := range mayImport {
		if !strings.Contains(room, "/cmd/") && !slices.Contains(rooms, room) {
			t.Errorf("nothing is said of the room %s", room)
		}
	}
}
