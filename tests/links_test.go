package tests

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var (
	fenced  = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	inline  = regexp.MustCompile("`[^`\n]*`")
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#{1,6} +(.+)$`)
	anchor  = regexp.MustCompile(`(?:id|name)="([^"]+)"`)
)

// Links within the project lead to a file, and to a heading of it. The pages that
// the Pulumi Registry shows link as its site does.
func TestInternalLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	all := pages(t, "../README.md", "../CONTRIBUTING.md", "../CHANGELOG.md", "../docs", "../examples")
	anchors := map[string]map[string]bool{}
	for _, p := range all {
		anchors[p.name] = anchorsOf(p.text)
	}
	for _, p := range all {
		for _, found := range link.FindAllStringSubmatch(inline.ReplaceAllString(fenced.ReplaceAllString(p.text, ""), ""), -1) {
			target := found[1]
			if ours, ok := strings.CutPrefix(target, "https://github.com/pulumi-pictor/pulumi-pictor#"); ok {
				target = "/README.md#" + ours
			}
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			file, part, _ := strings.Cut(target, "#")
			switch {
			case file == "":
				file = p.name
			case strings.HasPrefix(file, "/"):
				file = path.Clean(file[1:])
			default:
				file = path.Join(path.Dir(p.name), file)
			}
			if _, err := os.Stat(filepath.Join("..", file)); err != nil {
				if _, err := os.Stat(filepath.Join("..", file+".md")); err != nil || !strings.HasSuffix(target, "/") {
					t.Errorf("%s links to %s, which is not there", p.name, target)
					continue
				}
				file += ".md"
			}
			if part != "" && !anchors[file][part] {
				t.Errorf("%s links to %s, and %s has no such heading", p.name, target, file)
			}
		}
	}
}

// anchorsOf are what a page can be linked to by: its headings as GitHub names
// them, the second of a name with a number.
func anchorsOf(text string) map[string]bool {
	text = fenced.ReplaceAllString(text, "")
	all := map[string]bool{}
	for _, found := range anchor.FindAllStringSubmatch(text, -1) {
		all[found[1]] = true
	}
	for _, found := range heading.FindAllStringSubmatch(text, -1) {
		name := strings.Map(func(r rune) rune {
			switch {
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			case r == ' ':
				return '-'
			}
			return -1
		}, strings.TrimSpace(found[1]))
		if all[name] {
			name += "-1"
		}
		all[name] = true
	}
	return all
}
