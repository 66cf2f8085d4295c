package provider_test

import (
	"encoding/json"
	"errors"
	cmdline "flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/pulumi-pictor/pulumi-pictor/provider"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// writeState adds what is missing to the state of the present version. What is
// there is never written again: it is what users of that version have.
var writeState = cmdline.Bool("update", false, "write the missing files of testdata/state for the present version")

var written sync.Once

const stateFolder = "testdata/state"

// stored is a resource as a version of the provider has left it in the state,
// beside the program that made it, all as the engine sends it.
type stored struct {
	Type    tokens.Type           `json:"type"`
	Name    string                `json:"name"` // the logical one
	ID      string                `json:"id"`
	Program json.RawMessage       `json:"program"`
	Inputs  json.RawMessage       `json:"inputs"`
	State   json.RawMessage       `json:"state"`
	Changes map[string]p.DiffKind `json:"changes,omitempty"` // what a preview of the program shows all the same
}

// recipes make the resources whose state is kept, each in a simulator of its
// own. A recipe that is added here adds a file to the present version only.
var recipes = map[string]struct {
	options []simtest.Option
	make    func(s *stack) (*res, props)
	changes map[string]p.DiffKind
}{
	"linux-running": {make: func(s *stack) (*res, props) {
		key := s.mustCreate(sshKeyType, "laptop", props{"publicKey": text(ed25519Key)})
		program := props{
			"name": text("trainer"), "os": text("linux"), "gpuModel": text("RTX 4090"), "gpuCount": number(1), "storageGb": number(80),
			"maxPricePerHour": text("9.5"), "rentalHours": number(24), "extensionHours": number(3), "autoRenew": flag(true),
			"sshKeyIds": texts(key.id), "desiredStatus": text("running"),
		}
		return s.mustCreate(instanceType, "trainer", program), program
	}},
	"linux-plain": {make: func(s *stack) (*res, props) { return s.mustCreate(instanceType, "trainer", trainer), trainer }},
	"linux-pinned": {make: func(s *stack) (*res, props) {
		offer := s.someOffer()
		program := props{"offerId": offer["offerId"], "country": offer["country"], "rentalHours": number(1)}
		return s.mustCreate(instanceType, "pinned", program), program
	}},
	"linux-stopped": {make: func(s *stack) (*res, props) {
		program := with(trainer, props{"desiredStatus": text("stopped")})
		return s.mustCreate(instanceType, "trainer", program), program
	}},
	"linux-refreshed": {make: func(s *stack) (*res, props) {
		r := s.mustCreate(instanceType, "trainer", trainer)
		if err := s.refresh(r); err != nil {
			s.t.Fatal(err)
		}
		return r, trainer
	}},
	"linux-imported": {make: func(s *stack) (*res, props) {
		r, err := s.importing(instanceType, "trainer", s.mustCreate(instanceType, "trainer", trainer).id)
		if err != nil {
			s.t.Fatal(err)
		}
		return r, with(trainer, props{"name": r.state.Get("name")})
	}},
	"windows-running": {make: func(s *stack) (*res, props) {
		program := props{"os": text("windows"), "gpuModel": text("RTX 3090"), "rentalHours": number(1), "windowsPassword": text("Correct-Horse-42").WithSecret(true)}
		return s.mustCreate(instanceType, "desk", program), program
	}},
	"rental-on-its-way": {
		options: []simtest.Option{simtestFrozen},
		make: func(s *stack) (*res, props) {
			s.timeout = 1
			r, err := s.create(instanceType, "trainer", trainer)
			wantError(s.t, err, "was broken off")
			return r, trainer
		},
		changes: map[string]p.DiffKind{"status": p.Update},
	},
	"rental-unknown": {
		make:    func(s *stack) (*res, props) { return unknownRental(s.t, s, trainer, fault.After), trainer },
		changes: map[string]p.DiffKind{"status": p.Update},
	},
	"rental-failed": {
		make: func(s *stack) (*res, props) {
			program := with(trainer, props{"name": text("doomed" + engine.FailProvisioningLabel)})
			r, err := s.create(instanceType, "trainer", program)
			wantError(s.t, err, "provisioning failed")
			return r, program
		},
		changes: map[string]p.DiffKind{"status": p.UpdateReplace},
	},
	"extension-unknown": {
		make: func(s *stack) (*res, props) {
			r, program := s.mustCreate(instanceType, "trainer", trainer), with(trainer, props{"extensionHours": number(5)})
			s.sim.Fault(fault.Plan{Operation: "extendInstance", Phase: fault.Before, Effect: resetAndBlind{s.sim, "getInstance"}})
			wantError(s.t, s.update(r, program), "it is not known whether")
			return r, program
		},
		changes: map[string]p.DiffKind{"extensionHours": p.Update},
	},
	"ssh-key": {make: func(s *stack) (*res, props) {
		program := props{"publicKey": text(ed25519Key)}
		return s.mustCreate(sshKeyType, "laptop", program), program
	}},
	"ssh-key-named": {make: func(s *stack) (*res, props) {
		program := props{"publicKey": text(otherKey), "name": text("my desktop")}
		return s.mustCreate(sshKeyType, "desktop", program), program
	}},
}

// someOffer is an offer with a free GPU and where it is.
func (s *stack) someOffer() props {
	s.t.Helper()
	first := s.mustCreate(instanceType, "first", trainer)
	if err := s.delete(first); err != nil {
		s.t.Fatal(err)
	}
	s.clock.forward(time.Minute) // the list of offers that is shared is older now
	return props{"offerId": first.state.Get("offerId"), "country": first.state.Get("country")}
}

// writeMissingState adds to the folder of the present version what is missing.
func writeMissingState(t *testing.T) {
	folder := filepath.Join(stateFolder, "v"+provider.Version)
	if err := os.MkdirAll(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	for name, recipe := range recipes {
		path := filepath.Join(folder, name+".json")
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		r, program := recipe.make(newStack(t, recipe.options...))
		content, err := json.MarshalIndent(stored{
			Type: r.urn.Type(), Name: r.urn.Name(), ID: r.id, Changes: recipe.changes,
			Program: onTheWire(t, property.NewMap(program)), Inputs: onTheWire(t, r.inputs), State: onTheWire(t, r.state),
		}, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(content, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// readState is everything that was ever kept, by its path.
func readState(t *testing.T) map[string]stored {
	t.Helper()
	if *writeState {
		written.Do(func() { writeMissingState(t) })
	}
	all := map[string]stored{}
	paths, err := filepath.Glob(filepath.Join(stateFolder, "v*", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var kept stored
		if err := json.Unmarshal(content, &kept); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all[filepath.ToSlash(path)] = kept
	}
	for _, name := range slices.Sorted(maps.Keys(recipes)) {
		path := stateFolder + "/v" + provider.Version + "/" + name + ".json"
		if _, ok := all[path]; !ok {
			t.Fatalf("%s is missing: add it with \"go test ./provider -run State -update\"", path)
		}
	}
	return all
}

// resource is what the engine has of it.
func (k stored) resource(t *testing.T) *res {
	t.Helper()
	return &res{urn: urnOf(k.Type, k.Name), id: k.ID, inputs: offTheWire(t, k.Inputs), state: offTheWire(t, k.State)}
}

// program is what the user wrote.
func (k stored) program(t *testing.T) props { return offTheWire(t, k.Program).AsMap() }

func onTheWire(t *testing.T, m property.Map) json.RawMessage {
	t.Helper()
	fields, err := plugin.MarshalProperties(resource.ToResourcePropertyMap(m), plugin.MarshalOptions{KeepSecrets: true, KeepUnknowns: true})
	if err != nil {
		t.Fatal(err)
	}
	content, err := protojson.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func offTheWire(t *testing.T, content json.RawMessage) property.Map {
	t.Helper()
	var fields structpb.Struct
	if err := protojson.Unmarshal(content, &fields); err != nil {
		t.Fatal(err)
	}
	m, err := plugin.UnmarshalProperties(&fields, plugin.MarshalOptions{KeepSecrets: true, KeepUnknowns: true})
	if err != nil {
		t.Fatal(err)
	}
	return resource.FromResourcePropertyMap(m)
}
