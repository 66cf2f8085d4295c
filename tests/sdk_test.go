package tests

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider"
)

// The stories install the packages into a fresh project and run with them. These
// tests are about what a package says of itself.

func TestTheNpmPackage(t *testing.T) {
	t.Parallel()
	require(t, "npm")
	file, err := packed["nodejs"]()
	if err != nil {
		t.Fatal(err)
	}
	files := untar(t, file)
	for _, want := range []string{"index.js", "index.d.ts", "instance.d.ts", "types/input.d.ts", "README.md", "LICENSE"} {
		if len(files["package/"+want]) == 0 {
			t.Errorf("the package has no %s", want)
		}
	}
	var p struct {
		Name, Version, License, Main, Types string
		Repository                          struct{ URL string }
		Engines                             map[string]string
		Pulumi                              struct {
			Resource              bool
			Name, Version, Server string
		}
	}
	if err := json.Unmarshal([]byte(files["package/package.json"]), &p); err != nil {
		t.Fatal(err)
	}
	if p.Version != provider.Version || p.License != "Apache-2.0" || p.Engines["node"] == "" || p.Repository.URL != "git+https://github.com/pulumi-pictor/pulumi-pictor.git" {
		t.Errorf("package.json says %+v", p)
	}
	if !p.Pulumi.Resource || p.Pulumi.Name != provider.Name || p.Pulumi.Version != provider.Version || p.Pulumi.Server == "" {
		t.Errorf("Pulumi would not find the provider by %+v", p.Pulumi)
	}
}

func TestTheWheel(t *testing.T) {
	t.Parallel()
	require(t, "python3")
	file, err := packed["python"]()
	if err != nil {
		t.Fatal(err)
	}
	wheel, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer wheel.Close()
	info := "pulumi_pictor-" + provider.Version + ".dist-info/"
	for _, want := range []string{"pulumi_pictor/py.typed", "pulumi_pictor/pulumi-plugin.json", "pulumi_pictor/instance.py", info + "licenses/LICENSE"} {
		if _, err := wheel.Open(want); err != nil {
			t.Errorf("the wheel has no %s", want)
		}
	}
	f, err := wheel.Open(info + "METADATA")
	if err != nil {
		t.Fatal(err)
	}
	metadata, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"License-Expression: Apache-2.0\n", "Requires-Python: >=3.10\n", "Classifier: Typing :: Typed\n", "Project-URL: Changelog, ", "pip install pulumi_pictor"} {
		if !strings.Contains(string(metadata), want) {
			t.Errorf("the wheel's metadata lacks %q:\n%s", want, metadata)
		}
	}
	if sources, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "*.tar.gz")); len(sources) != 1 {
		t.Errorf("beside the wheel stand the source distributions %v, not one", sources)
	}
}

func TestTheGoModule(t *testing.T) {
	t.Parallel()
	require(t, "go")
	if err := command("../sdk/go", "go", "vet", "./..."); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"LICENSE", "README.md", "go.mod", "go.sum"} {
		if _, err := os.Stat(filepath.Join("../sdk/go", want)); err != nil {
			t.Error(err)
		}
	}
	for name, want := range map[string]string{
		"pictor":                      "Rent GPU machines from Pictor",
		"pictor.Instance":             "A GPU machine rented from Pictor.",
		"pictor.InstanceArgs.OfferId": "Rent from exactly this offer",
		"pictor.LookupInstance":       "One instance of the account, by its id or by its name.",
	} {
		cmd := exec.Command("go", "doc", "./"+name)
		cmd.Dir = "../sdk/go"
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), want) {
			t.Errorf("go doc %s does not say %q (%v):\n%s", name, want, err, out)
		}
	}
	workflow, err := os.ReadFile("../.github/workflows/release.yml")
	if err != nil {
		t.Fatal(err)
	}
	if tag := `git tag "sdk/go/$GITHUB_REF_NAME" && git push origin "sdk/go/$GITHUB_REF_NAME"`; !strings.Contains(string(workflow), tag) {
		t.Errorf("a release does not tag the module: %s", tag)
	}
}

// The compilers and linters of the languages accept the examples.
func TestTheExamplesAreTyped(t *testing.T) {
	t.Parallel()
	for _, l := range languages {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			check, ok := map[string][]string{
				"typescript": {"npx", "tsc"},
				"python":     {"../venv/bin/mypy", "--cache-dir=../.mypy_cache", "--no-error-summary", "__main__.py"},
				"go":         {"go", "vet", "."},
			}[l.name]
			if !ok {
				return
			}
			w := workspaceOf(t, l)
			for _, story := range w.stories {
				run := slices.Clone(check)
				if w.env != nil {
					run = append(append([]string{"env"}, w.env(story)...), check...)
				}
				if err := command(filepath.Join(w.dir, story), run[0], run[1:]...); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// untar reads a .tar.gz: its regular files by path.
func untar(t *testing.T, path string) map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for archive := tar.NewReader(unpacked); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		files[header.Name] = string(content)
	}
}
