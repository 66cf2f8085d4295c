package tests

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider"
)

// Who runs the provider by hand is told what it is, and a misspelt command is
// not taken for the engine's address: "audti" must not end as if all were well.
func TestTheProviderRunByHand(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]struct {
		status int
		says   string
	}{
		"":                 {0, "pulumi-resource-pictor audit"},
		"--help":           {0, "pulumi-resource-pictor audit"},
		"--version":        {0, provider.Version},
		"audti":            {1, `no command "audti"`},
		"audit --help":     {0, "-stack-file"},
		"audit --unknowns": {1, "-unknowns"},
	} {
		cmd := exec.Command(filepath.Join(binaries, "pulumi-resource-pictor"), strings.Fields(args)...)
		out, _ := cmd.CombinedOutput()
		if status := cmd.ProcessState.ExitCode(); status != want.status || !strings.Contains(string(out), want.says) {
			t.Errorf("%q ends with %d and says %q", args, status, out)
		}
	}
}
