package tests

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Everything that is generated is made again, elsewhere, and compared. Each
// generator has a test of its own, so that they run beside each other.

const stale = "is not what is generated: run \"make generate\""

func TestWireTypesAreFresh(t *testing.T) {
	t.Parallel()
	sameFile(t, "provider/pictor/wire/wire.gen.go", oapiCodegen(t, "provider/pictor/wire/oapi-codegen.yaml"))
}

func TestServerIsFresh(t *testing.T) {
	t.Parallel()
	sameFile(t, "simulator/api/server.gen.go", oapiCodegen(t, "simulator/api/oapi-codegen.yaml"))
}

func TestSchemaIsFresh(t *testing.T) {
	t.Parallel()
	schema, err := exec.Command(filepath.Join(binaries, "pulumi-resource-pictor"), "schema").Output()
	if err != nil {
		t.Fatal(err)
	}
	sameFile(t, "provider/cmd/pulumi-resource-pictor/schema.json", schema)
}

func TestSDKsAreFresh(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	run(t, "go", "run", "-C", "../.tools", "./sdkgen", "-schema", "../provider/cmd/pulumi-resource-pictor/schema.json", "-root", "..", "-out", dir)
	made, kept := tree(t, dir), tree(t, "../sdk")
	for path := range kept {
		if handKept(path) {
			delete(kept, path)
		}
	}
	for path, content := range made {
		if !bytes.Equal(kept[path], content) {
			t.Errorf("sdk/%s %s", path, stale)
		}
		delete(kept, path)
	}
	for path := range kept {
		t.Errorf("sdk/%s %s", path, stale)
	}
}

func TestReferencePagesAreFresh(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const configuration = "installation-configuration.md" // partly written by hand
	text, err := os.ReadFile(filepath.Join("../docs", configuration))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, configuration), text, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "go", "run", "-C", "../.tools", "./docgen", "pages", "-schema", "../provider/cmd/pulumi-resource-pictor/schema.json", "-out", dir)
	made, kept := tree(t, dir), tree(t, "../docs")
	for path, content := range made {
		if !bytes.Equal(kept[path], content) {
			t.Errorf("docs/%s %s", path, stale)
		}
	}
	for path := range kept {
		if _, ok := made[path]; !ok && (strings.HasPrefix(path, "resources/") || strings.HasPrefix(path, "functions/")) {
			t.Errorf("docs/%s %s", path, stale)
		}
	}
}

func TestSchemaExamplesAreFresh(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	kept := tree(t, "../provider/docs")
	for path, content := range kept {
		if strings.HasSuffix(path, ".yaml") {
			if err := os.WriteFile(filepath.Join(dir, path), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	run(t, "go", "run", "-C", "../.tools", "./docgen", "examples", "-schema", "../provider/cmd/pulumi-resource-pictor/schema.json", "-dir", dir)
	made := tree(t, dir)
	for path := range kept {
		if !bytes.Equal(made[path], kept[path]) {
			t.Errorf("provider/docs/%s %s", path, stale)
		}
	}
	if len(made) != len(kept) {
		t.Errorf("provider/docs %s", stale)
	}
}

// handKept are the files of the SDKs that no generator makes.
func handKept(path string) bool {
	return path == "go/go.mod" || path == "go/go.sum" || strings.Contains(path, "node_modules/") || strings.Contains(path, "__pycache__/") || strings.HasPrefix(path, "nodejs/bin/")
}

func oapiCodegen(t *testing.T, config string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.go")
	run(t, "go", "tool", "-C", "../.tools", "oapi-codegen", "-config", "../"+config, "-o", out, "../provider/pictor/openapi.yaml")
	content, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func sameFile(t *testing.T, path string, content []byte) {
	t.Helper()
	have, err := os.ReadFile(filepath.Join("..", path))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, content) {
		t.Errorf("%s %s", path, stale)
	}
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

func tree(t *testing.T, root string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
