package tests

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// require leaves a test out where a tool is missing; where nothing may be left
// out, a missing tool is an error.
func require(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err == nil {
			continue
		}
		if os.Getenv("REQUIRE_ALL") != "" {
			t.Fatalf("%s is not on the PATH, and with REQUIRE_ALL it must be: install it", tool)
		}
		t.Skipf("%s is not on the PATH", tool)
	}
}

// command runs one to its end; the error has all that it printed.
func command(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

// packed are the SDKs' packages, as pack-sdk.sh makes them for a release, once.
var packed = map[string]func() (string, error){
	"nodejs": sync.OnceValues(func() (string, error) { return pack("nodejs", "*.tgz") }),
	"python": sync.OnceValues(func() (string, error) { return pack("python", "*.whl") }),
}

func pack(language, pattern string) (string, error) {
	dir := filepath.Join(binaries, "packed", language)
	if err := command("..", ".tools/pack-sdk.sh", language, dir); err != nil {
		return "", err
	}
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("pack-sdk.sh %s made %v, not one %s", language, found, pattern)
	}
	return found[0], nil
}

// standIns builds a stand-in for each language host that is not on the PATH, once;
// see languagehost.
var standIns = sync.OnceValue(func() error {
	dir := filepath.Join(binaries, "languagehosts")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	host := filepath.Join(dir, "host")
	if err := command("..", "go", "build", "-o", host, "./tests/languagehost"); err != nil {
		return err
	}
	for _, runtime := range []string{"nodejs", "python", "go"} {
		name := "pulumi-language-" + runtime
		if _, err := exec.LookPath(name); err == nil {
			continue
		}
		if err := os.Symlink(host, filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
})

// programPath is the PATH without any provider of ours: a program is to find the one
// that is installed for it, and Pulumi would take one on the PATH first.
func programPath() string {
	path := slices.DeleteFunc(filepath.SplitList(os.Getenv("PATH")), func(dir string) bool {
		_, err := os.Stat(filepath.Join(dir, "pulumi-resource-pictor"))
		return err == nil
	})
	return strings.Join(append(path, filepath.Join(binaries, "languagehosts")), string(filepath.ListSeparator))
}

// pulumiVersion is the version of Pulumi that the project is built with.
var pulumiVersion = sync.OnceValue(func() string {
	text, _ := os.ReadFile("../.tools/go.mod")
	_, rest, _ := strings.Cut(string(text), "github.com/pulumi/pulumi/pkg/v3 v")
	version, _, _ := strings.Cut(rest, "\n")
	return version
})
