package tests

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/pulumi-pictor/pulumi-pictor/"

// The arrows that may be: what each room imports of the project, tests left
// out. A room that is not named imports nothing of it.
var mayImport = map[string][]string{
	"provider":                            {"provider/pictor", "provider/wait"},
	"provider/pictor":                     {"provider/pictor/wire"},
	"provider/wait":                       {"provider/pictor"},
	"provider/audit":                      {"provider/pictor"},
	"provider/cmd/pulumi-resource-pictor": {"provider", "provider/audit", "provider/pictor"},
	"simulator":                           {"simulator/api", "simulator/contract", "simulator/control", "simulator/engine", "simulator/machine", "simulator/reference", "simulator/store"},
	"simulator/api":                       {"provider/pictor/wire", "simulator/dialect", "simulator/engine", "simulator/fault", "simulator/journal", "simulator/machine", "simulator/shape", "simulator/store"},
	"simulator/contract":                  {"simulator/api"},
	"simulator/control":                   {"provider/pictor/wire", "simulator/api", "simulator/dialect", "simulator/engine", "simulator/fault", "simulator/journal", "simulator/market", "simulator/store"},
	"simulator/dialect":                   {},
	"simulator/fault":                     {"simulator/engine"},
	"simulator/journal":                   {},
	"simulator/machine":                   {"simulator/engine"},
	"simulator/market":                    {"simulator/engine"},
	"simulator/reference":                 {"simulator/api", "simulator/contract"},
	"simulator/shape":                     {},
	"simulator/store":                     {"simulator/dialect", "simulator/engine", "simulator/fault", "simulator/journal", "simulator/market"},
	"simulator/simtest":                   {"provider/pictor/wire", "simulator", "simulator/api", "simulator/control", "simulator/dialect", "simulator/engine", "simulator/fault", "simulator/journal", "simulator/machine", "simulator/market", "simulator/store"},
	"simulator/cmd/pictor-sim":            {"provider/pictor/wire", "simulator", "simulator/api", "simulator/contract", "simulator/control", "simulator/dialect", "simulator/engine", "simulator/fault", "simulator/journal", "simulator/market", "simulator/store"},
}

func TestNoRoomImportsWhatItMustNot(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		room := strings.TrimPrefix(p.ImportPath, module)
		for _, path := range p.Imports {
			if other, ours := strings.CutPrefix(path, module); ours && !slices.Contains(mayImport[room], other) {
				t.Errorf("%s imports %s", room, other)
			}
		}
	}
}

func TestTheEngineIsPure(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if p.ImportPath != module+"simulator/engine" {
			continue
		}
		for _, bad := range []string{"os", "io", "net", "net/http", "sync", "context", "math/rand", "math/rand/v2", "crypto/rand", "log", "log/slog"} {
			if slices.Contains(p.Imports, bad) {
				t.Errorf("the engine imports %s", bad)
			}
		}
		return
	}
	t.Error("there is no engine")
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for list := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := list.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
