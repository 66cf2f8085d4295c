package tests

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every code block that a reader can copy is run, or compared with what is. The
// first line of a block says what it is:
//
//	```sh             commands, run one block after the other
//	```console        what follows "$ " is run, and the rest must be in what it prints
//	```yaml FILE      a file, written into the folder in which the page is run
//	```go             without a name: lines of a file below examples/, whose own tests run it
//
// A block that no rule covers fails the test.

// ways are how pages are run; those of docs/guides are guides, and those of examples/
// are about the programs beside them.
var ways = map[string]func(*testing.T, page){
	"README.md":                          runReadme,
	"docs/_index.md":                     runExamples,
	firstMinutes:                         runFirstMinutes,
	"docs/installation-configuration.md": runInstallation,
	"docs/simulator.md":                  runTour,
	"examples/README.md":                 runBeforeYouStart,
	"examples/test-suite/README.md":      runRecipes,
}

func TestEveryCodeBlockIsRun(t *testing.T) {
	t.Parallel()
	for _, p := range pages(t, "../README.md", "../CONTRIBUTING.md", "../CHANGELOG.md", "../docs", "../examples", "../sdk") {
		way := ways[p.name]
		switch {
		case len(p.blocks) == 0:
			continue
		case strings.HasPrefix(p.name, "docs/guides/") && way == nil:
			way = runGuide
		case strings.HasPrefix(p.name, "docs/resources/"), strings.HasPrefix(p.name, "docs/functions/"):
			continue // their examples are the schema's: see schema_examples_test.go
		case strings.HasPrefix(p.name, "examples/") && way == nil:
			way = runExample
		case strings.HasPrefix(p.name, "sdk/"):
			way = runPackagePage
		}
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			if way == nil {
				t.Fatalf("%s has code, and nothing runs it: enter it in the table of ways, or put it into docs/guides", p.name)
			}
			way(t, p)
		})
	}
}

// page is a page of documentation.
type page struct {
	name   string // such as "docs/simulator.md"
	text   string
	blocks []block
}

// block is a code block of a page.
type block struct {
	line     int // of its fence
	language string
	file     string // the name behind the language; mostly there is none
	text     string // ends with a new line
}

// pages reads files, and all pages in folders.
func pages(t *testing.T, roots ...string) []page {
	t.Helper()
	var all []page
	for _, root := range roots {
		files := []string{root}
		if filepath.Ext(root) != ".md" {
			files = nil
			for name := range tree(t, root) {
				if strings.HasSuffix(name, ".md") && !strings.Contains(name, "node_modules/") {
					files = append(files, filepath.Join(root, name))
				}
			}
			slices.Sort(files)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name := strings.TrimPrefix(filepath.ToSlash(file), "../")
			all = append(all, page{name, string(text), blocksOf(t, name, string(text))})
		}
	}
	return all
}

// blocksOf finds the code blocks of a page. One within a list is indented, and
// loses that.
func blocksOf(t *testing.T, name, text string) []block {
	t.Helper()
	var all []block
	var open *block
	indent := ""
	for n, line := range strings.Split(text, "\n") {
		bare := strings.TrimLeft(line, " ")
		switch {
		case open == nil && strings.HasPrefix(bare, "```"):
			indent = line[:len(line)-len(bare)]
			language, file, _ := strings.Cut(strings.TrimPrefix(bare, "```"), " ")
			open = &block{line: n + 1, language: language, file: file}
		case open != nil && bare == "```":
			all, open = append(all, *open), nil
		case open != nil:
			open.text += strings.TrimPrefix(line, indent) + "\n"
		}
	}
	if open != nil {
		t.Errorf("%s:%d: the block does not end", name, open.line)
	}
	return all
}

// isExcerpt tells whether a block is in a file below examples/ or in a workflow
// beside the guides, as it stands.
func isExcerpt(t *testing.T, b block) bool {
	t.Helper()
	for _, root := range []string{"../examples", "../docs/guides"} {
		for name, content := range tree(t, root) {
			if filepath.Ext(name) != ".md" && !strings.Contains(name, "node_modules/") && strings.Contains("\n"+string(content), "\n"+b.text) {
				return true
			}
		}
	}
	return false
}

// wantPrinted holds an excerpt against what a command printed: its lines must be
// there, in this order. In a line "…" stands for anything, as a line for any lines.
func wantPrinted(t *testing.T, where, excerpt, printed string, blur ...*regexp.Regexp) {
	t.Helper()
	plain := func(text string) []string {
		for _, b := range blur {
			text = b.ReplaceAllString(text, "#")
		}
		lines := strings.Split(text, "\n")
		for i, line := range lines {
			lines[i] = strings.Join(strings.Fields(line), " ")
		}
		return lines
	}
	rest := plain(printed)
	for _, want := range plain(excerpt) {
		if want == "" || want == "…" {
			continue
		}
		pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*") + "$")
		at := slices.IndexFunc(rest, pattern.MatchString)
		if at < 0 {
			t.Errorf("%s: the page shows\n  %s\nwhich is not, or not there, in what is printed:\n%s", where, want, printed)
			return
		}
		rest = rest[at+1:]
	}
}
