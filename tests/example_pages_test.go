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

// runBeforeYouStart is for the page of all examples: in a language, somebody follows it and
// then the page of the first example.
func runBeforeYouStart(t *testing.T, p page) {
	first := pages(t, "../examples/one-machine/README.md")[0]
	var common []block
	sections := map[string]string{}
	for part := range strings.SplitSeq(p.text, "\n### ") {
		title, text, _ := strings.Cut(part, "\n")
		if len(sections) == 0 && common == nil {
			common = blocksOf(t, p.name, text)
			continue
		}
		sections[strings.ToLower(title)] = text
	}
	for _, l := range languages {
		section := sections[l.name]
		if l.name != "yaml" && section == "" {
			t.Errorf("%s says nothing of %s", p.name, l.name)
		}
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			require(t, l.needs...)
			if err := standIns(); err != nil {
				t.Fatal(err)
			}
			r := newcomer(t, binaries)
			r.env = append(r.env,
				"HTTPS_PROXY="+os.Getenv("HTTPS_PROXY")) // packages come from where they always do
			r.dir = checkoutWith(t, l)
			r.types(page{name: p.name, blocks: slices.Concat(common, blocksOf(t, p.name, section), first.blocks)})
		})
	}
}

// checkoutWith is a checkout with the first example in a language, the SDK in Go and the package
// of the language; it returns the example's folder.
func checkoutWith(t *testing.T, l language) string {
	t.Helper()
	root, example := t.TempDir(), filepath.Join("examples", "one-machine", l.name)
	for _, folder := range []string{example, "sdk/go"} {
		if err := os.CopyFS(filepath.Join(root, folder), os.DirFS(filepath.Join("..", folder))); err != nil {
			t.Fatal(err)
		}
	}
	if pack, ok := packed[l.runtime]; ok {
		file, err := pack()
		if err != nil {
			t.Fatal(err)
		}
		packages := filepath.Join(root, ".bin", "packages")
		if err := os.MkdirAll(packages, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(file, filepath.Join(packages, filepath.Base(file))); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(root, example)
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
