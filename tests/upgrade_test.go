package tests

import (
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// What a stack of an earlier version exports, and its program, lie beside the
// state that the provider's own tests keep (provider/upgrade_test.go).
const stacksOfVersions = "../provider/testdata/state/v*/stack"

// writeStack adds the stack of the present version, if it is missing. One that
// is there is never written again.
var writeStack = flag.String("write-stack", "", "write the stack of a version that has none yet, such as \"0.1.0\"")

// windowsPassword is of the stacks that are kept.
const windowsPassword = "Correct-Horse-42"

const everyKind = `
config:
  password: {type: string, secret: true}
resources:
  laptop:
    type: pictor:SshKey
    properties: {publicKey: "` + publicKey + `"}
  trainer:
    type: pictor:Instance
    properties: {gpuModel: RTX 4090, rentalHours: 24, extensionHours: 2, autoRenew: true, sshKeyIds: ["${laptop.id}"]}
  asleep:
    type: pictor:Instance
    properties: {name: asleep, gpuModel: RTX 3090, storageGb: 80, rentalHours: 1, desiredStatus: stopped}
  desk:
    type: pictor:Instance
    properties: {os: windows, gpuModel: RTX 3090, rentalHours: 1, windowsPassword: "${password}"}
`

func TestAStackOfAnEarlierVersionPreviewsNoChange(t *testing.T) {
	t.Parallel()
	if *writeStack != "" {
		keepStack(t, filepath.Join("../provider/testdata/state/v"+*writeStack, "stack"))
	}
	folders, err := filepath.Glob(stacksOfVersions)
	if err != nil || len(folders) == 0 {
		t.Fatalf("no stack is kept: %v", err)
	}
	for _, folder := range folders {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			program, err := os.ReadFile(filepath.Join(folder, "program.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			export, err := filepath.Abs(filepath.Join(folder, "export.json"))
			if err != nil {
				t.Fatal(err)
			}
			p := newProject(t)
			p.program(string(program))
			p.pulumi("stack", "init", "e2e")
			p.pulumi("config", "set", "password", windowsPassword, "--secret")
			p.pulumi("stack", "import", "--file", export)
			p.pulumi("preview", "--expect-no-changes", "--diff")
			p.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
		})
	}
}

func keepStack(t *testing.T, folder string) {
	t.Helper()
	if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%s is there already (%v), and is never written again", folder, err)
	}
	if err := os.Mkdir(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	p := newProject(t)
	p.program(everyKind)
	p.pulumi("stack", "init", "e2e")
	p.pulumi("config", "set", "password", windowsPassword, "--secret")
	p.pulumi("up", "--yes", "--skip-preview")
	for name, content := range map[string]string{"program.yaml": everyKind, "export.json": withoutTraces(t, p.pulumi("stack", "export", "--show-secrets"))} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// withoutTraces leaves out where in Pulumi's own source each resource came from.
func withoutTraces(t *testing.T, export string) string {
	t.Helper()
	var stack map[string]any
	if err := json.Unmarshal([]byte(export), &stack); err != nil {
		t.Fatal(err)
	}
	for _, r := range stack["deployment"].(map[string]any)["resources"].([]any) {
		delete(r.(map[string]any), "stackTrace")
		delete(r.(map[string]any), "sourcePosition")
	}
	content, err := json.MarshalIndent(stack, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(content) + "\n"
}
