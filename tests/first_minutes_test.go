package tests

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	gomodule "golang.org/x/mod/module"
	"golang.org/x/mod/zip"

	"github.com/pulumi-pictor/pulumi-pictor/provider"
)

const firstMinutes = "docs/guides/first-five-minutes.md"

// runFirstMinutes follows two of the ways to the first program. TestAReleaseIsInstalledByHand
// follows the third, as it needs a release.
func runFirstMinutes(t *testing.T, p page) {
	t.Run("from a clone", func(t *testing.T) {
		t.Parallel()
		require(t, "git", "make")
		r := newcomer(t)
		repository, err := published()
		if err != nil {
			t.Fatal(err)
		}
		r.write("../.gitconfig", fmt.Sprintf("[url \"file://%s/\"]\n\tinsteadOf = https://github.com/pulumi-pictor/\n", filepath.Dir(repository)))
		r.follows(p, "From a clone")
	})
	t.Run("with go install", func(t *testing.T) {
		t.Parallel()
		require(t, "git", "go")
		r := newcomer(t)
		r.takesModulesFrom(goProxy)
		r.follows(p, "With go install")
	})
}

// newcomer has Pulumi, and nothing of ours but what is in the folders.
func newcomer(t *testing.T, folders ...string) reader {
	t.Helper()
	r := newReader(t)
	tools := filepath.Join(r.dir, "..", "tools")
	if err := os.Mkdir(tools, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tool := range []string{"pulumi", "pulumi-language-yaml"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(tools, tool)); err != nil {
			t.Fatal(err)
		}
	}
	path := strings.Join(append(folders, tools, programPath()), string(filepath.ListSeparator))
	r.env = append(r.env, "PATH="+path, "PULUMI_BACKEND_URL=", "PULUMI_CONFIG_PASSPHRASE=")
	return r
}

// follows does what one section of the page tells, and what its last section does.
func (r reader) follows(p page, section string) {
	r.t.Helper()
	var installation, program string
	for part := range strings.SplitSeq(p.text, "\n## ") {
		title, text, _ := strings.Cut(part, "\n")
		switch title {
		case section:
			installation = text
		case "Rent a machine that does not exist":
			program = text
		}
	}
	if installation == "" || program == "" {
		r.t.Fatalf("%s has no section %q, or no program", p.name, section)
	}
	printed := r.types(page{name: p.name, blocks: blocksOf(r.t, p.name, installation+program)})
	wantPrinted(r.t, p.name, "…rental of trainer-…: 1 x RTX 4090 for 24 h\n", printed)
}

// published is a repository with a commit of what stands here now, under the name that it
// has at GitHub.
var published = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(binaries, "published", "pulumi-pictor")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	const publish = `git ls-files -co --exclude-standard -z | while IFS= read -r -d '' file; do
  if [ -e "$file" ]; then printf '%s\0' "$file"; fi
done | xargs -0 tar cf - | tar xf - -C "$1"
cd "$1"
git init -q
git add -A
git -c user.name=x -c user.email=x@x commit -qm published`
	return dir, command("..", "bash", "-euo", "pipefail", "-c", publish, "publish", dir)
})

// goProxy is a folder in which the go command finds our two modules as a proxy has them
// when the version is tagged.
var goProxy = sync.OnceValues(func() (string, error) {
	repository, err := published()
	if err != nil {
		return "", err
	}
	proxy := filepath.Join(binaries, "proxy")
	for _, folder := range []string{"", "sdk/go"} {
		m := gomodule.Version{Path: strings.TrimSuffix(module+folder, "/"), Version: "v" + provider.Version}
		if err := publishModule(proxy, m, filepath.Join(repository, folder)); err != nil {
			return "", err
		}
	}
	return proxy, nil
})

func publishModule(proxy string, m gomodule.Version, dir string) error {
	versions := filepath.Join(proxy, m.Path, "@v")
	if err := os.MkdirAll(versions, 0o700); err != nil {
		return err
	}
	file := func(extension string) string { return filepath.Join(versions, m.Version+extension) }
	if err := os.WriteFile(file(".info"), []byte(`{"Version": "`+m.Version+`"}`), 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(versions, "list"), []byte(m.Version+"\n"), 0o600); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(file(".mod"), text, 0o600); err != nil {
		return err
	}
	archive, err := os.Create(file(".zip"))
	if err != nil {
		return err
	}
	defer archive.Close()
	return zip.CreateFromDir(archive, m, dir)
}

// takesModulesFrom lets the go command get our modules of a proxy. The others are those that
// have been downloaded already; ours must not get among them.
func (r *reader) takesModulesFrom(proxy func() (string, error)) {
	r.t.Helper()
	folder, err := proxy()
	if err != nil {
		r.t.Fatal(err)
	}
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		r.t.Fatal(err)
	}
	home, have := filepath.Dir(r.dir), strings.TrimSpace(string(cache))
	own := filepath.Join(home, "modules")
	for _, part := range []string{"", "cache/download"} {
		if err := linkAllButOurs(filepath.Join(have, part), filepath.Join(own, part), "cache", "pulumi-pictor"); err != nil {
			r.t.Fatal(err)
		}
	}
	r.env = append(r.env,
		"GOPATH="+filepath.Join(home, "go"), "GOBIN=", "GOMODCACHE="+own,
		"GOPROXY=file://"+folder+",file://"+filepath.Join(have, "cache", "download"),
		"GOSUMDB=off", "GOWORK=off",
		"GOFLAGS="+os.Getenv("GOFLAGS")+" -modcacherw") // else it cannot be removed
}

// linkAllButOurs makes a folder of links to what is in another, but for the names that are
// left out. Ours is in github.com, so that is made a folder of links, too.
func linkAllButOurs(from, to string, leftOut ...string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		path, link := filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name())
		switch {
		case entry.Name() == "github.com":
			err = linkAllButOurs(path, link, leftOut...)
		case !slices.Contains(leftOut, entry.Name()):
			err = os.Symlink(path, link)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// An example in Go builds with its own go.mod, when the SDK's tag is there.
func TestTheGoModuleIsFoundByItsTag(t *testing.T) {
	t.Parallel()
	require(t, "git", "go")
	example := os.DirFS("../examples/one-machine/go")
	downloadModules(t, example)
	r := newcomer(t)
	r.takesModulesFrom(goProxy)
	if err := os.CopyFS(r.dir, example); err != nil {
		t.Fatal(err)
	}
	r.sh("sh -e", "go build -mod=mod -o program .\ngo version -m program | grep 'dep.*"+module+"sdk/go.*v"+provider.Version+"'\n")
}

// downloadModules gets the modules of a program in Go that is built with the SDK, but for the
// SDK itself: not all of them are needed by this module, or in these versions.
func downloadModules(t *testing.T, program fs.FS) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, program); err != nil {
		t.Fatal(err)
	}
	sdk, err := filepath.Abs("../sdk/go")
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"mod", "edit", "-replace=" + module + "sdk/go=" + sdk}, {"build", "-mod=mod", "-o", os.DevNull, "."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// Whoever starts one of the commands by hand is told what it is.
func TestTheCommandsSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"pulumi-resource-pictor": "pulumi-resource-pictor " + provider.Version + " is the Pulumi provider for Pictor",
		"pictor-sim":             "pictor-sim imitates Pictor's REST API",
	} {
		out, err := exec.Command(filepath.Join(binaries, name)).Output()
		if err != nil || !strings.HasPrefix(string(out), want) {
			t.Errorf("%s alone prints %q (%v)", name, out, err)
		}
	}
}
