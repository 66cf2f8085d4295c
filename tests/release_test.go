package tests

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	plugins "github.com/pulumi/pulumi/sdk/v3/go/common/workspace"

	"github.com/pulumi-pictor/pulumi-pictor/provider"
)

// release is the folder that "make release-snapshot" fills. "make test-release" sets
// it, as building one takes minutes the first time.
func release(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("PICTOR_RELEASE")
	if dir == "" {
		t.Skip("run by make test-release")
	}
	return dir
}

var targets = []struct{ os, arch string }{
	{"linux", "amd64"},
	{"linux", "arm64"},
	{"darwin", "amd64"},
	{"darwin", "arm64"},
	{"windows", "amd64"},
	{"windows", "arm64"},
}

func archiveName(binary, os, arch, extension string) string {
	return fmt.Sprintf("%s-v%s-%s-%s.%s", binary, provider.Version, os, arch, extension)
}

func TestAReleaseHasEveryArchive(t *testing.T) {
	t.Parallel()
	dir := release(t)
	checksums, err := os.ReadFile(filepath.Join(dir, "pulumi-pictor-v"+provider.Version+"-checksums.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range targets {
		for _, binary := range []string{"pulumi-resource-pictor", "pictor-sim"} {
			extension, suffix := "tar.gz", ""
			if target.os == "windows" {
				suffix = ".exe"
				if binary == "pictor-sim" {
					extension = "zip"
				}
			}
			name := archiveName(binary, target.os, target.arch, extension)
			content, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Error(err)
				continue
			}
			if sum := sha256.Sum256(content); !strings.Contains(string(checksums), hex.EncodeToString(sum[:])+"  "+name) {
				t.Errorf("the checksum of %s is not in the list", name)
			}
			for _, want := range []string{binary + suffix, "LICENSE", "CHANGELOG.md"} {
				if !archiveHas(t, filepath.Join(dir, name), want) {
					t.Errorf("%s has no %s at its root", name, want)
				}
			}
		}
	}
}

func archiveHas(t *testing.T, archive, name string) bool {
	t.Helper()
	if strings.HasSuffix(archive, ".tar.gz") {
		return len(untar(t, archive)[name]) > 0
	}
	files, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	_, err = files.Open(name)
	return err == nil
}

// Pulumi's own code looks for the plugin where the schema says, on a GitHub that has
// the files of the release.
func TestAReleaseIsFoundByPulumi(t *testing.T) {
	t.Parallel()
	dir := release(t)
	text, err := os.ReadFile("../provider/cmd/pulumi-resource-pictor/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct{ Version, PluginDownloadURL string }
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	version := semver.MustParse(schema.Version)
	plugin := plugins.PluginDescriptor{Name: provider.Name, Kind: apitype.ResourcePlugin, Version: &version, PluginDownloadURL: schema.PluginDownloadURL}
	source, err := plugin.GetSource()
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range targets {
		body, _, err := source.Download(t.Context(), version, target.os, target.arch, github(dir, schema.Version))
		if err != nil {
			t.Errorf("%s/%s: %v", target.os, target.arch, err)
			continue
		}
		got, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(dir, archiveName("pulumi-resource-pictor", target.os, target.arch, "tar.gz")))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s/%s: downloaded were %d bytes that are not the archive (%v)", target.os, target.arch, len(got), err)
		}
	}
}

// github answers as GitHub does for a release whose assets are the files of a folder.
func github(dir, version string) func(*http.Request) (io.ReadCloser, int64, error) {
	const assets = "/assets/"
	return func(req *http.Request) (io.ReadCloser, int64, error) {
		if name, ok := strings.CutPrefix(req.URL.Path, assets); ok {
			f, err := os.Open(filepath.Join(dir, filepath.Base(name)))
			return f, -1, err
		}
		if want := "https://api.github.com/repos/pulumi-pictor/pulumi-pictor/releases/tags/v" + version; req.URL.String() != want {
			return nil, 0, fmt.Errorf("GitHub has no %s", req.URL)
		}
		files, err := os.ReadDir(dir)
		if err != nil {
			return nil, 0, err
		}
		var list []map[string]string
		for _, file := range files {
			list = append(list, map[string]string{"name": file.Name(), "url": "https://api.github.com" + assets + file.Name()})
		}
		answer, err := json.Marshal(map[string]any{"assets": list})
		return io.NopCloser(bytes.NewReader(answer)), int64(len(answer)), err
	}
}

func TestAReleaseInstallsAndRuns(t *testing.T) {
	t.Parallel()
	dir := release(t)
	p := newProject(t)
	p.env = append(p.env, "PATH="+programPath())
	p.pulumi("plugin", "install", "resource", provider.Name, provider.Version,
		"--file", filepath.Join(dir, archiveName("pulumi-resource-pictor", runtime.GOOS, runtime.GOARCH, "tar.gz")))
	if err := os.CopyFS(p.dir, os.DirFS("../examples/one-machine/yaml")); err != nil {
		t.Fatal(err)
	}
	p.pulumi("stack", "init", "released")
	p.pulumi("config", "set", "publicKey", publicKey)
	p.pulumi("up", "--yes", "--skip-preview")
	if login := p.output("login"); login != "ssh root@"+only(t, p.sim).Address {
		t.Errorf("the login is %q", login)
	}
	p.pulumi("destroy", "--yes", "--skip-preview")
}

// Somebody who has downloaded the files of this system gets to the first program by what
// the guide says.
func TestAReleaseIsInstalledByHand(t *testing.T) {
	t.Parallel()
	dir := release(t)
	require(t, "tar", "sha256sum")
	r := newcomer(t)
	for _, name := range []string{
		"pulumi-pictor-v" + provider.Version + "-checksums.txt",
		archiveName("pulumi-resource-pictor", runtime.GOOS, runtime.GOARCH, "tar.gz"),
		archiveName("pictor-sim", runtime.GOOS, runtime.GOARCH, "tar.gz"),
	} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		r.write(name, string(content))
	}
	guide := pages(t, "../"+firstMinutes)[0]
	guide.text = strings.ReplaceAll(guide.text, "-linux-amd64.", "-"+runtime.GOOS+"-"+runtime.GOARCH+".")
	guide.text = strings.Replace(guide.text, "`pictor-sim` alone says what it can do.", "```console\n$ pictor-sim --version\npictor-sim version "+provider.Version+"\n```\n", 1)
	r.follows(guide, "From a release")
}

// The same commit built in another folder, at another time, makes the same binaries.
func TestAReleaseIsTheSameWhenMadeAgain(t *testing.T) {
	t.Parallel()
	release(t)
	other := t.TempDir()
	const copyAndBuild = `git ls-files -co --exclude-standard -z | xargs -0 cp --parents -t "$OTHER"
date=$(git log -1 --format=%cI)
cd "$OTHER"
git init -q
git add -A
GIT_COMMITTER_DATE=$date GIT_AUTHOR_DATE=$date git -c user.name=x -c user.email=x@x commit -qm again
git remote add origin https://github.com/pulumi-pictor/pulumi-pictor
GOFLAGS= goreleaser build --snapshot --clean --single-target`
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "bash", "-euo", "pipefail", "-c", copyAndBuild)
	cmd.Dir, cmd.Env = "..", append(os.Environ(), "OTHER="+other, "PICTOR_VERSION="+provider.Version, "GIT_CONFIG_NOSYSTEM=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, binary := range []string{"provider_*/pulumi-resource-pictor", "simulator_*/pictor-sim"} {
		again, err := filepath.Glob(filepath.Join(other, ".bin", "release", binary))
		if err != nil || len(again) != 1 {
			t.Fatalf("built again were %v, not one %s", again, binary)
		}
		name, err := filepath.Rel(other, again[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := command("..", "cmp", name, again[0]); err != nil {
			t.Error(err)
		}
	}
}
