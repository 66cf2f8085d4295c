package tests

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The examples of the reference pages in TypeScript, Python and Go are made of those
// in YAML by Pulumi's converters. Here each is a program that its compiler or type
// checker accepts, and that deploys, as it stands on the page.

func TestEveryReferencePageHasExamplesInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, p := range pages(t, "../docs/resources", "../docs/functions") {
		count := map[string]int{}
		for _, b := range p.blocks {
			count[b.language]++
		}
		for _, l := range languages {
			if n := count[l.name]; n == 0 || n != count["yaml"] {
				t.Errorf("%s has %d examples in %s, and %d in yaml", p.name, n, l.name, count["yaml"])
			}
		}
	}
}

func TestTheSchemasExamplesAreTyped(t *testing.T) {
	t.Parallel()
	for name, check := range map[string][]string{
		"typescript": {"npx", "tsc", "--noEmit"},
		"python":     {"../venv/bin/mypy", "--explicit-package-bases", "--no-error-summary", "."},
		"go":         {"go", "vet", "./..."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := command(schemaPrograms(t, name).dir, check[0], check[1:]...); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTheSchemasExamplesRunInEveryLanguage(t *testing.T) {
	t.Parallel()
	var shapes sync.Map // of an example's outputs, by its name
	for _, name := range []string{"typescript", "python", "go"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := schemaPrograms(t, name)
			if err := standIns(); err != nil {
				t.Fatal(err)
			}
			for _, example := range all.examples {
				t.Run(example.name, func(t *testing.T) {
					t.Parallel()
					p := newProject(t)
					p.dir = filepath.Join(all.dir, example.name)
					p.env = append(append(p.env, "PATH="+programPath(), "PULUMI_NODEJS_TRANSPILE_ONLY=true"), all.env...)
					p.pulumi("stack", "init", "e2e")
					if strings.Contains(example.text, `"publicKey"`) {
						p.pulumi("config", "set", "publicKey", publicKey)
					}
					if strings.Contains(example.text, `"password"`) {
						p.pulumi("config", "set", "--secret", "password", "Correct-Horse-7")
					}
					rentByHand(t, p.sim) // else the lists would be empty
					p.pulumi("up", "--yes", "--skip-preview")
					var outputs any
					if err := json.Unmarshal([]byte(p.pulumi("stack", "output", "--json")), &outputs); err != nil {
						t.Fatal(err)
					}
					got := shape(outputs)
					if other, _ := shapes.LoadOrStore(example.name, got); got != other {
						t.Errorf("its outputs are %s, and in another language %s", got, other)
					}
				})
			}
		})
	}
}

// shape is what a value of JSON is made of. Python exports a whole object with names of
// its own way of writing.
func shape(value any) string {
	switch v := value.(type) {
	case map[string]any:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if v[name] != nil { // in some languages what is absent is null
				parts = append(parts, strings.ToLower(strings.ReplaceAll(name, "_", ""))+" "+shape(v[name]))
			}
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		if len(v) > 0 {
			return "[" + shape(v[0]) + "]"
		}
	}
	return fmt.Sprintf("%T", value)
}

// schemaExample is a program of a reference page.
type schemaExample struct {
	name string // of its page and its place on it, such as "get_quote_1": a word that can be a Python package
	text string
}

// schemaFolder has a folder for each example of the reference pages in one language.
type schemaFolder struct {
	dir      string
	examples []schemaExample
	env      []string
}

var schemaFolders sync.Map // a function that makes one, by language

func schemaPrograms(t *testing.T, name string) schemaFolder {
	t.Helper()
	var l language
	for _, l = range languages {
		if l.name == name {
			break
		}
	}
	w := workspaceOf(t, l)
	make, _ := schemaFolders.LoadOrStore(name, sync.OnceValues(func() (schemaFolder, error) {
		return writeSchemaPrograms(pages(t, "../docs/resources", "../docs/functions"), l, w)
	}))
	all, err := make.(func() (schemaFolder, error))()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func writeSchemaPrograms(reference []page, l language, w workspace) (schemaFolder, error) {
	all := schemaFolder{dir: filepath.Join(w.dir, "schema-examples")}
	write := func(name, text string) error {
		name = filepath.Join(all.dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		return os.WriteFile(name, []byte(text), 0o600)
	}
	for _, p := range reference {
		n := 0
		for _, b := range p.blocks {
			if b.language != l.name {
				continue
			}
			n++
			example := schemaExample{fmt.Sprintf("%s_%d", strings.ReplaceAll(strings.TrimSuffix(filepath.Base(p.name), ".md"), "-", "_"), n), b.text}
			all.examples = append(all.examples, example)
			if err := write(filepath.Join(example.name, l.program), b.text); err != nil {
				return all, err
			}
			if err := write(filepath.Join(example.name, "Pulumi.yaml"), fmt.Sprintf("name: example\nruntime: %s\nplugins:\n  providers: [{name: pictor, path: %s}]\n", l.runtime, binaries)); err != nil {
				return all, err
			}
		}
	}
	// What a project of the language has besides, as the first example has it.
	const first = "one-machine"
	switch l.name {
	case "typescript":
		settings, err := os.ReadFile(filepath.Join(w.dir, first, "tsconfig.json"))
		if err != nil {
			return all, err
		}
		return all, write("tsconfig.json", strings.Replace(string(settings), `"files": ["index.ts"]`, `"include": ["*/index.ts"]`, 1))
	case "python":
		all.env = w.env(first)
	case "go":
		for _, file := range []string{"mod", "sum"} {
			text, err := os.ReadFile(filepath.Join(w.dir, first+"."+file))
			if err != nil {
				return all, err
			}
			if err := write("go."+file, string(text)); err != nil {
				return all, err
			}
		}
	}
	return all, nil
}
