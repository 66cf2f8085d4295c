package tests

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The pages that are not guides: each is run in a way of its own.

// someFolder is where a page says that make has built the commands.
const someFolder = "/path/to/pulumi-pictor/.bin"

// firstProgram is the project of the README: the example in YAML, and where the
// provider is.
func (r reader) firstProgram(plugins string) {
	r.t.Helper()
	program, err := os.ReadFile("../examples/one-machine/yaml/Pulumi.yaml")
	if err != nil {
		r.t.Fatal(err)
	}
	r.write("Pulumi.yaml", string(program)+"\n"+strings.ReplaceAll(plugins, someFolder, binaries))
}

func uncovered(t *testing.T, p page, b block) {
	t.Helper()
	t.Errorf("%s:%d: no rule covers this %s block", p.name, b.line, b.language)
}

// runExamples is for a page of nothing but examples.
func runExamples(t *testing.T, p page) {
	for _, b := range p.blocks {
		if !isExcerpt(t, b) {
			uncovered(t, p, b)
		}
	}
}

func runReadme(t *testing.T, p page) {
	var plugins string
	for _, b := range p.blocks {
		switch {
		case b.language == "yaml" && strings.HasPrefix(b.text, "plugins:"):
			plugins = b.text
		case b.text == "":
			uncovered(t, p, b)
		case strings.HasPrefix(b.text, "$ make demo\n"):
			wantPrinted(t, "the demo", strings.TrimPrefix(b.text, "$ make demo\n"), demo(t),
				regexp.MustCompile(`\b[0-9a-f]{7}\b`), regexp.MustCompile(`\b\d+\.\d{4,}\b`), regexp.MustCompile(`\b[\d.]+m?s\b`), regexp.MustCompile(`root@[\d.]+`))
		case b.language == "sh" && strings.HasPrefix(b.text, "make "):
			areTargets(t, b)
		case b.language == "sh":
			r := newReader(t)
			r.firstProgram(plugins)
			out := r.sh("sh -e", strings.ReplaceAll(b.text, someFolder, binaries))
			wantPrinted(t, p.name, "…rental of trainer-…: 1 x RTX 4090 for 24 h\n", out)
		case strings.HasPrefix(b.text, "$ pictor-sim serve\n"):
			_, want, _ := strings.Cut(b.text, "\n")
			wantPrinted(t, p.name, want, firstLine(t, "serve"), regexp.MustCompile(`:\d+/`))
		case b.language == "go" && strings.HasPrefix(b.text, "sim := "):
			r := newReader(t)
			r.goModule()
			r.write("readme_test.go", "package trainer\n\nimport (\n\t\"testing\"\n\n\t\""+module+"simulator/simtest\"\n)\n\n"+
				"func TestReadme(t *testing.T) {\n"+b.text+"\tif sim.Endpoint == \"\" {\n\t\tt.Error(\"no simulator\")\n\t}\n}\n")
			r.sh("sh -e", "go test -mod=mod .\n")
		case !isExcerpt(t, b):
			uncovered(t, p, b)
		}
	}
}

func runInstallation(t *testing.T, p page) {
	r := newReader(t)
	script := "pulumi stack init dev\npulumi config set publicKey '" + publicKey + "'\n"
	for _, b := range p.blocks {
		switch {
		case b.language == "yaml" && strings.HasPrefix(b.text, "plugins:"):
			r.firstProgram(b.text)
		case b.language == "sh":
			script += b.text
		case !isExcerpt(t, b):
			uncovered(t, p, b)
		}
	}
	r.sh("sh -e", script)
}

// runTour is for the page that the simulator's own tests run.
func runTour(t *testing.T, p page) {
	script, err := os.ReadFile("../simulator/cmd/pictor-sim/testdata/script/docs.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(script), "\nblocks "+filepath.Base(p.name)+" ") {
		t.Fatalf("docs.txtar does not run %s", p.name)
	}
	for _, b := range p.blocks {
		command := strings.TrimSpace(strings.TrimPrefix(b.text, "$ "))
		if b.language != "sh" && (b.language != "console" || !strings.Contains(string(script), "\nexec "+command+" -e ")) {
			uncovered(t, p, b)
		}
	}
}

// areTargets is for commands that a test cannot run, as they run the tests.
func areTargets(t *testing.T, b block) {
	t.Helper()
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.text) {
		target := strings.Fields(line)[1]
		if !strings.Contains(string(makefile), "\n"+target+":") {
			t.Errorf("the Makefile has no target %s", target)
		}
	}
}

// demo is what "make demo" prints.
func demo(t *testing.T) string {
	t.Helper()
	r := newReader(t)
	for _, file := range []string{".tools/demo.sh", "Pulumi.yaml"} {
		content, err := os.ReadFile("../" + file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(r.dir, file)), 0o700); err != nil {
			t.Fatal(err)
		}
		r.write(file, string(content))
	}
	if err := os.Chmod(filepath.Join(r.dir, ".tools/demo.sh"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(binaries, filepath.Join(r.dir, ".bin")); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(regexp.MustCompile("\x1b\\[[0-9]*m").ReplaceAllString(r.sh("bash -e", ".tools/demo.sh\n"), ""), "\r", "")
}

// firstLine is the first line that pictor-sim prints, which is then ended.
func firstLine(t *testing.T, args ...string) string {
	t.Helper()
	r := newReader(t)
	cmd := exec.CommandContext(t.Context(), filepath.Join(binaries, "pictor-sim"), args...)
	cmd.Env = append(r.env, "PICTOR_SIM_ADDR=127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Error(fmt.Errorf("pictor-sim %v prints no line: %w", args, err))
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // it was killed
	return line
}
