package tests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is imported, with the program that Pulumi writes for it, previews no
// change; and neither does a program of one's own.
func TestWhatIsImportedPreviewsNoChange(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.program(everyKind)
	p.pulumi("stack", "init", "e2e")
	p.pulumi("config", "set", "password", windowsPassword, "--secret")
	p.pulumi("up", "--yes", "--skip-preview")
	fingerprint := "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"
	other := &project{t: t, dir: t.TempDir(), sim: p.sim, env: p.env}
	other.program("resources: {}\n")
	other.pulumi("stack", "init", "imported")
	if out, err := other.try("import", "pictor:index:Instance", "nothing", "no-such-thing", "--yes", "--generate-code=false"); err == nil || !strings.Contains(out, "the account has none with this id") {
		t.Errorf("import of nothing: %v\n%s", err, out)
	}
	written := "resources:\n"
	for i, thing := range []struct{ kind, name, id string }{
		{"SshKey", "laptop", fingerprint},
		{"Instance", "trainer", p.idOf("trainer")},
		{"Instance", "asleep", "asleep"}, // by name
		{"Instance", "desk", p.idOf("desk")},
	} {
		out := filepath.Join(other.dir, "imported.yaml")
		said := other.pulumi("import", "pictor:index:"+thing.kind, thing.name, thing.id, "--yes", "--protect=false", "--out", out)
		if strings.Contains(said, "failed to validate") {
			t.Errorf("import of %s warns:\n%s", thing.name, said)
		}
		program, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		_, resource, _ := strings.Cut(string(program), "resources:\n")
		written += resource
		other.program(written)
		if i == 0 {
			continue
		}
		other.pulumi("preview", "--expect-no-changes", "--diff")
	}
	other.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
	other.pulumi("refresh", "--yes", "--expect-no-changes")
	for _, name := range []string{"laptop", "trainer", "asleep", "desk"} {
		if got, want := other.idOf(name), p.idOf(name); got != want {
			t.Errorf("imported %s as %s, not %s", name, got, want)
		}
	}
	// The program that has made it changes nothing either.
	third := &project{t: t, dir: t.TempDir(), sim: p.sim, env: p.env}
	third.program("resources: {}\n")
	third.pulumi("stack", "init", "taken")
	third.pulumi("config", "set", "password", windowsPassword, "--secret")
	for _, thing := range []struct{ kind, name, id string }{
		{"SshKey", "laptop", p.idOf("laptop")}, {"Instance", "trainer", p.idOf("trainer")}, {"Instance", "asleep", p.idOf("asleep")}, {"Instance", "desk", p.idOf("desk")},
	} {
		third.pulumi("import", "pictor:index:"+thing.kind, thing.name, thing.id, "--yes", "--protect=false", "--generate-code=false")
	}
	third.program(everyKind)
	third.pulumi("preview", "--expect-no-changes", "--diff")
	third.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes") // which also records what depends on what
	third.pulumi("destroy", "--yes", "--skip-preview")
	if left := p.sim.Instances(); len(left) != 0 {
		t.Errorf("still rented: %+v", left)
	}
}
