package tests

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// story is what a folder of examples/ tells in every language, and what a user does
// who follows it: deploy, change something in place, look again, give it back.
type story struct {
	config map[string]string
	// change is the next configuration, when that changes the machine in place.
	change map[string]string
	// edit is the change in the program instead: by language what is added after what.
	edit    map[string][2]string
	options []simtest.Option
	// before is what there is already, when the story begins with something.
	before func(*testing.T, *simtest.Sim)
	// importless says that there is nothing for pulumi import to bring in: the
	// program imports by itself, or the machines are children of a component.
	importless bool
	// differ are the outputs that are not the same in every language.
	differ []string
}

var stories = map[string]story{
	"one-machine": {
		config: map[string]string{"publicKey": publicKey + " me@laptop"},
		edit: map[string][2]string{
			"yaml":       {"rentalHours: 24", "\n      autoRenew: true"},
			"typescript": {"rentalHours: 24,", "\n    autoRenew: true,"},
			"python":     {"rental_hours=24,", "\n    auto_renew=True,"},
			"go":         {"pulumi.Int(24),", "\n\t\t\tAutoRenew: pulumi.Bool(true),"},
		},
		differ: []string{"login"}, // the address goes by the machine's name, and that is chosen at random
	},
	"fleet": {
		config: map[string]string{"publicKey": publicKey},
		edit: map[string][2]string{
			"yaml":       {"rentalHours: 8", "\n        autoRenew: true"},
			"typescript": {"rentalHours: 8,", "\n        autoRenew: true,"},
			"python":     {"\"rental_hours\": 8,", "\n        \"auto_renew\": True,"},
			"go":         {"pulumi.Int(8),", "\n\t\t\t\tAutoRenew: pulumi.Bool(true),"},
		},
		importless: true,
		differ:     []string{"logins"},
	},
	"fallbacks": {
		edit: map[string][2]string{
			"yaml":       {"rentalHours: 24", "\n      autoRenew: true"},
			"typescript": {"rentalHours: 24,", "\n    autoRenew: true,"},
			"python":     {"rental_hours=24,", "\n    auto_renew=True,"},
			"go":         {"pulumi.Int(24),", "\n\t\t\tAutoRenew: pulumi.Bool(true),"},
		},
	},
	"windows-workstation": {
		edit: map[string][2]string{
			"yaml":       {"rentalHours: 168", "\n      autoRenew: true"},
			"typescript": {"rentalHours: 168,", "\n    autoRenew: true,"},
			"python":     {"rental_hours=168,", "\n    auto_renew=True,"},
			"go":         {"pulumi.Int(168),", "\n\t\t\tAutoRenew: pulumi.Bool(true),"},
		},
		differ: []string{"address", "password"},
	},
	"night-off": {
		change: map[string]string{"desiredStatus": "stopped"},
	},
	"import-existing": {
		before:     rentByHand,
		importless: true,
		edit: map[string][2]string{
			"yaml":       {"rentalHours: 24", "\n      autoRenew: true"},
			"typescript": {"rentalHours: 24,", "\n    autoRenew: true,"},
			"python":     {"rental_hours=24,", "\n    auto_renew=True,"},
			"go":         {"pulumi.Int(24),", "\n\t\t\tAutoRenew: pulumi.Bool(true),"},
		},
	},
}

// rentByHand is what somebody did in the Pictor App.
func rentByHand(t *testing.T, sim *simtest.Sim) {
	sim.Do(t, func(w *engine.World) error {
		offer := w.Offers(func(o *engine.Offer) bool { return slices.Contains(o.OS, engine.Linux) })[0]
		_, err := w.Rent(engine.RentRequest{Name: "rented-by-hand", Spec: engine.Spec{
			OfferID: offer.ID, OS: engine.Linux, GPUCount: 1, StorageGB: 50, RentalHours: 24,
		}})
		return err
	})
	sim.RunUntil("rented-by-hand", engine.StatusRunning)
}

func TestEveryExampleIsAStory(t *testing.T) {
	t.Parallel()
	for _, l := range languages {
		told := storiesIn(l.name)
		for _, name := range told {
			if _, ok := stories[name]; !ok {
				t.Errorf("examples/%s/%s is not in the table of stories, so nothing runs it", name, l.name)
			}
		}
		for name := range stories {
			if !slices.Contains(told, name) {
				t.Errorf("examples/%s has no program in %s", name, l.name)
			}
		}
	}
}

func TestStories(t *testing.T) {
	t.Parallel()
	for name, s := range stories {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outputs := map[string]map[string]any{}
			t.Run("in", func(t *testing.T) { // ends when all languages have
				for _, l := range languages {
					result := map[string]any{}
					outputs[l.name] = result
					t.Run(l.name, func(t *testing.T) {
						t.Parallel()
						tell(t, s, newStory(t, name, l, s.options...), result)
					})
				}
			})
			sameOutputs(t, outputs, s.differ)
		})
	}
}

// deployment is one program of a story on its way.
type deployment struct {
	*project
	language language
}

// newStory is a project whose program is an example in a language, with the
// provider installed as a plugin.
func newStory(t *testing.T, name string, l language, options ...simtest.Option) deployment {
	t.Helper()
	w := workspaceOf(t, l)
	p := newProject(t, append([]simtest.Option{simtest.Seed(1)}, options...)...)
	p.dir = filepath.Join(w.dir, name)
	if err := standIns(); err != nil {
		t.Fatal(err)
	}
	p.env = append(p.env, "PATH="+programPath())
	if w.env != nil {
		p.env = append(p.env, w.env(name)...)
	}
	p.pulumi("plugin", "install", "resource", provider.Name, provider.Version, "--file", filepath.Join(binaries, "pulumi-resource-pictor"))
	return deployment{p, l}
}

func tell(t *testing.T, s story, d deployment, outputs map[string]any) {
	had := 0
	if s.before != nil {
		s.before(t, d.sim)
		had = len(d.sim.Instances())
	}
	d.begin("story", s.config)
	preview := d.pulumi("preview")
	if len(d.sim.Instances()) != had {
		t.Fatalf("the preview rented a machine:\n%s", preview)
	}
	d.pulumi("up", "--yes", "--skip-preview")
	d.pulumi("preview", "--expect-no-changes")
	if err := json.Unmarshal([]byte(d.pulumi("stack", "output", "--json")), &outputs); err != nil {
		t.Fatal(err)
	}
	before := d.resources()

	d.change(s)
	if !d.inPlace() {
		t.Error("the change changes nothing")
	}
	d.pulumi("up", "--yes", "--skip-preview")
	after := d.resources()
	if !slices.Equal(before, after) {
		t.Errorf("the change replaced something: there were %v, and are %v", before, after)
	}
	d.pulumi("preview", "--expect-no-changes")
	d.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")

	if s.importless {
		d.end()
		return
	}
	// An import does not know the wishes that only a program has, such as a ceiling for
	// the price: the next up writes them down, and does nothing else.
	d.importInto("imported", after)
	d.inPlace()
	d.pulumi("up", "--yes", "--skip-preview")
	d.pulumi("preview", "--expect-no-changes")
	if imported := d.resources(); !slices.Equal(imported, after) {
		t.Errorf("imported were %v, not %v", imported, after)
	}
	d.pulumi("stack", "select", "story")
	d.end()
}

// end gives everything back.
func (d deployment) end() {
	d.t.Helper()
	d.pulumi("destroy", "--yes", "--skip-preview")
	if left := d.sim.Instances(); len(left) != 0 {
		d.t.Errorf("still rented: %+v", left)
	}
}

func (d deployment) begin(stack string, config map[string]string) {
	d.t.Helper()
	d.pulumi("stack", "init", stack)
	d.configure(config)
}

func (d deployment) configure(config map[string]string) {
	d.t.Helper()
	for key, value := range config {
		d.pulumi("config", "set", key, value)
	}
}

// inPlace says whether a preview would change something; it must be in place.
func (d deployment) inPlace() bool {
	d.t.Helper()
	preview := d.pulumi("preview")
	for _, more := range []string{"to create", "to replace", "to delete"} {
		if strings.Contains(preview, more) {
			d.t.Errorf("more than changes in place:\n%s", preview)
		}
	}
	return strings.Contains(preview, "to update")
}

// change does what the story changes.
func (d deployment) change(s story) {
	d.t.Helper()
	if s.change != nil {
		d.configure(s.change)
		return
	}
	file := filepath.Join(d.dir, d.language.program)
	text, err := os.ReadFile(file)
	if err != nil {
		d.t.Fatal(err)
	}
	at, added := s.edit[d.language.name][0], s.edit[d.language.name][1]
	if strings.Count(string(text), at) != 1 {
		d.t.Fatalf("the %s program has %q not once, so the story's edit cannot be made", d.language.name, at)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), at, at+added, 1)), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// resource is one of Pictor's in a stack's state, as pulumi import wants it.
type resource struct {
	Type string `json:"type"`
	Name string `json:"name"`
	ID   string `json:"id"`
}

// resources are those of the selected stack, by name.
func (d deployment) resources() []resource {
	d.t.Helper()
	var stack struct {
		Deployment struct {
			Resources []struct{ Type, ID, URN string }
		}
	}
	if err := json.Unmarshal([]byte(d.pulumi("stack", "export")), &stack); err != nil {
		d.t.Fatal(err)
	}
	var all []resource
	for _, r := range stack.Deployment.Resources {
		if strings.HasPrefix(r.Type, "pictor:index:") {
			all = append(all, resource{Type: r.Type, Name: r.URN[strings.LastIndex(r.URN, "::")+2:], ID: r.ID})
		}
	}
	slices.SortFunc(all, func(a, b resource) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// importInto makes a new stack of the same program and imports resources into it.
func (d deployment) importInto(stack string, resources []resource) {
	d.t.Helper()
	d.pulumi("stack", "init", stack, "--copy-config-from", "story")
	list, err := json.Marshal(map[string]any{"resources": resources})
	if err != nil {
		d.t.Fatal(err)
	}
	file := filepath.Join(d.t.TempDir(), "import.json")
	if err := os.WriteFile(file, list, 0o600); err != nil {
		d.t.Fatal(err)
	}
	d.pulumi("import", "--file", file, "--yes", "--skip-preview", "--protect=false", "--generate-code=false")
}

// sameOutputs compares what the programs of a story export, in the languages
// that are here.
func sameOutputs(t *testing.T, outputs map[string]map[string]any, differ []string) {
	t.Helper()
	want := outputs["yaml"]
	for _, l := range languages {
		got := outputs[l.name]
		if len(got) == 0 {
			continue // its toolchain is missing, or its test has failed already
		}
		for name := range want {
			if _, ok := got[name]; !ok {
				t.Errorf("in %s there is no output %s", l.name, name)
			}
		}
		for name, value := range got {
			if slices.Contains(differ, name) {
				continue
			}
			if mine, theirs := encode(value), encode(want[name]); mine != theirs {
				t.Errorf("the output %s is %s in %s, and %s in yaml", name, mine, l.name, theirs)
			}
		}
	}
}

func encode(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}
