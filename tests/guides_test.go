package tests

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// reader is somebody who follows a page on a machine that has Pulumi and our two
// commands: a home with an SSH key, and an empty folder.
type reader struct {
	t   *testing.T
	dir string
	env []string
}

func newReader(t *testing.T) reader {
	t.Helper()
	if _, err := exec.LookPath("pulumi"); err != nil {
		t.Fatal("pulumi is not on the PATH: run the tests with \"make test\", which builds it when it is missing")
	}
	home := t.TempDir()
	r := reader{t: t, dir: filepath.Join(home, "project")}
	for _, dir := range []string{".ssh", "backend", "project"} {
		if err := os.Mkdir(filepath.Join(home, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	r.write("../.ssh/id_ed25519.pub", publicKey+" me@laptop\n")
	caches, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE", "GOPROXY").Output()
	if err != nil {
		t.Fatal(err)
	}
	cache := strings.Fields(string(caches)) // which would else be looked for at home
	r.env = append(os.Environ(),
		"HOME="+home, "GOCACHE="+cache[0], "GOMODCACHE="+cache[1], "GOPROXY="+cache[2],
		"PATH="+binaries+string(filepath.ListSeparator)+os.Getenv("PATH"),
		"PULUMI_HOME="+filepath.Join(home, ".pulumi"),
		"PULUMI_BACKEND_URL=file://"+filepath.Join(home, "backend"),
		"PULUMI_CONFIG_PASSPHRASE="+passphrase,
		"PULUMI_SKIP_UPDATE_CHECK=1",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		"PICTOR_API_KEY=", "PICTOR_ENDPOINT=", "PICTOR_SIM=",
		"PICTOR_SIM_CHECK_ANSWERS=true",
		"HTTPS_PROXY=http://127.0.0.1:1", // nothing that a page does gets out of this machine
	)
	return r
}

func (r reader) write(file, text string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, file), []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// goModule makes the folder a Go module that finds this checkout.
func (r reader) goModule() {
	r.t.Helper()
	own, err := os.ReadFile("../go.mod")
	if err != nil {
		r.t.Fatal(err)
	}
	sums, err := os.ReadFile("../go.sum")
	if err != nil {
		r.t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		r.t.Fatal(err)
	}
	name := strings.TrimSuffix(module, "/")
	r.write("go.mod", strings.Replace(string(own), "module "+name, "module trainer", 1)+
		fmt.Sprintf("\nrequire %s v0.0.0\n\nreplace %s => %s\n", name, name, root))
	r.write("go.sum", string(sums))
}

// sh runs a script, which must succeed, and returns all that it prints.
func (r reader) sh(within, script string) string {
	r.t.Helper()
	r.write("../script.sh", script)
	cmd := exec.Command("sh", "-c", within+" ../script.sh")
	cmd.Dir, cmd.Env = r.dir, r.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// shell is how a guide starts the shell that its blocks are typed into.
var shell = regexp.MustCompile(`^\$ (pictor-sim exec .*-- sh)\n$`)

// runGuide runs the blocks of a guide one after the other, in an empty folder.
func runGuide(t *testing.T, p page) {
	newReader(t).types(p)
}

// types runs the blocks of a page one after the other, and returns what they print.
func (r reader) types(p page) string {
	t := r.t
	t.Helper()
	within, script := "sh -e", strings.Builder{}
	excerpts := map[string]string{}
	for _, b := range p.blocks {
		where := fmt.Sprintf("%s:%d", p.name, b.line)
		mark := "echo '@@ " + where + "'; echo '@@ " + where + "' >&2\n"
		opener := shell.FindStringSubmatch(b.text)
		switch {
		case b.language == "console" && opener != nil:
			if script.Len() > 0 {
				t.Errorf("%s: the shell is started after something was typed", where)
			}
			within = opener[1] + " -e"
		case b.language == "console" && strings.HasPrefix(b.text, "$ "):
			for _, part := range strings.Split("\n"+b.text, "\n$ ")[1:] {
				command, excerpt, _ := strings.Cut(part, "\n")
				key := fmt.Sprintf("%s (%s)", where, command)
				excerpts[key] = excerpt
				fmt.Fprintf(&script, "echo '@@ %s'\n%s 2>&1 || :\n", strings.ReplaceAll(key, "'", `'\''`), command)
			}
		case b.language == "sh" && strings.HasPrefix(b.text, "unset PICTOR_ENDPOINT\n"):
			// From here on it is about Pictor itself, which no test may ask.
			fmt.Fprintf(&script, "%s(\n%stest -z \"${PICTOR_ENDPOINT-}\" && test -n \"$PICTOR_API_KEY\"\n)\n", mark, b.text)
		case b.language == "sh":
			script.WriteString(mark + b.text)
		case b.file != "":
			if filepath.Ext(b.file) == ".go" {
				r.goModule()
			}
			fmt.Fprintf(&script, "%scat >%s <<'END_OF_BLOCK'\n%sEND_OF_BLOCK\n", mark, b.file, b.text)
		case isExcerpt(t, b):
		default:
			t.Errorf("%s: no rule covers this %s block: name a file in its first line, or take it from examples/", where, b.language)
		}
	}
	if script.Len() == 0 {
		return ""
	}
	all := r.sh(within, script.String())
	printed := map[string]string{}
	for part := range strings.SplitSeq(all, "@@ ") {
		where, text, _ := strings.Cut(part, "\n")
		printed[where] += text
	}
	for where, excerpt := range excerpts {
		wantPrinted(t, where, excerpt, printed[where])
	}
	return all
}
