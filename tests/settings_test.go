package tests

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// What an editor does by .editorconfig has been done.
func TestEveryFileIsAsTheEditorLeavesIt(t *testing.T) {
	t.Parallel()
	require(t, "git")
	list, err := exec.Command("git", "-C", "..", "ls-files", "-z", "-co", "--exclude-standard").Output()
	if err != nil {
		t.Fatalf("list the files of this git checkout: %v", err)
	}
	var (
		atEnd  = regexp.MustCompile(`(?m)[ \t\r]+$`)
		spaces = regexp.MustCompile(`(?m)^ `)
		tabs   = regexp.MustCompile(`(?m)^\t`)
	)
	for name := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join("..", name))
		if os.IsNotExist(err) {
			continue // deleted, and not yet committed
		}
		if err != nil {
			t.Fatal(err)
		}
		switch extension := filepath.Ext(name); {
		case bytes.IndexByte(text, 0) >= 0: // no text
		case len(text) > 0 && text[len(text)-1] != '\n':
			t.Errorf("%s does not end with a new line", name)
		case atEnd.Match(text):
			t.Errorf("%s has blanks at the end of a line", name)
		case strings.HasPrefix(name, "sdk/"):
		case filepath.Base(name) == "go.mod" && spaces.Match(text):
			t.Errorf("%s is indented with blanks", name)
		case slices.Contains([]string{".ts", ".mts", ".py", ".yaml", ".yml", ".sh", ".css", ".html"}, extension) && tabs.Match(text):
			t.Errorf("%s is indented with tabs", name)
		}
	}
}

// The hooks of pre-commit run what there is, and load nothing.
func TestThePreCommitHooksCallWhatThereIs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../.pre-commit-config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Repos []struct {
			Repo  string
			Hooks []struct{ Entry, Language string }
		}
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	for _, repo := range config.Repos {
		if repo.Repo != "local" {
			t.Errorf("the hooks of %s are not ours", repo.Repo)
		}
		for _, hook := range repo.Hooks {
			if target, ok := strings.CutPrefix(hook.Entry, "make "); ok {
				if !slices.Contains(makeTargets(t), target) {
					t.Errorf("a hook calls %q, and there is no such target", hook.Entry)
				}
			} else if !strings.HasPrefix(hook.Entry, "git ") {
				t.Errorf("a hook calls %q, which is neither make nor git", hook.Entry)
			}
		}
	}
}

// makeTargets are those of the Makefile that somebody types.
func makeTargets(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	list := regexp.MustCompile(`(?m)^\.PHONY: (.+)$`).FindSubmatch(text)
	if list == nil {
		t.Fatal("the Makefile says of no target that it is one")
	}
	return slices.DeleteFunc(strings.Fields(string(list[1])), func(target string) bool { return strings.Contains(target, "$") })
}

func TestMakeHelpListsEveryTarget(t *testing.T) {
	t.Parallel()
	require(t, "make")
	help, err := exec.Command("make", "-C", "..", "--no-print-directory", "help").Output()
	if err != nil {
		t.Fatal(err)
	}
	targets := makeTargets(t)
	for _, target := range targets {
		if !regexp.MustCompile(`(?m)^make ` + target + ` +\S.*$`).Match(help) {
			t.Errorf("make help says nothing of %s:\n%s", target, help)
		}
	}
	text, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile(`(?m)^([a-z][a-z-]*):`).FindAllStringSubmatch(string(text), -1) {
		if !slices.Contains(targets, found[1]) {
			t.Errorf("the target %s is not among the PHONY ones, so a file of its name would be taken for it", found[1])
		}
	}
}
