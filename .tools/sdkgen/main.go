// Command sdkgen writes the SDKs of a Pulumi schema: `sdkgen -schema PATH -root DIR -out DIR` fills
// go, nodejs and python in the folder out with the files of `pulumi package gen-sdk`, and with what
// their registries want besides, which stands in the project's root. That command
// needs a language plugin for each SDK; sdkgen calls the generators inside those plugins, at
// the version that go.mod pins. It removes what an earlier run wrote before it writes, so that
// a removed resource leaves no file behind.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/hashicorp/hcl/v2"
	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// kept names what sdkgen leaves alone in the folder of an SDK: `go mod` and npm write these.
var kept = []string{"go.mod", "go.sum", "package-lock.json", "node_modules"}

func main() {
	flags := flag.NewFlagSet("sdkgen", flag.ExitOnError) // an import fills flag.CommandLine
	schemaPath := flags.String("schema", "", "the `file` with the Pulumi schema in JSON")
	root := flags.String("root", "", "the project's `folder`, with the licence and the examples")
	out := flags.String("out", "", "the `folder` of the folders go, nodejs and python")
	_ = flags.Parse(os.Args[1:]) // exits when it fails
	if *schemaPath == "" || *root == "" || *out == "" || flags.NArg() > 0 {
		flags.Usage()
		os.Exit(2)
	}
	if err := run(*schemaPath, *root, *out); err != nil {
		fmt.Fprintln(os.Stderr, "sdkgen:", err)
		os.Exit(1)
	}
}

// run generates all SDKs before it replaces the first, so that a bad schema changes no file.
func run(schemaPath, root, out string) error {
	text, err := os.ReadFile(schemaPath)
	if err != nil {
		return fmt.Errorf("cannot read the schema: %w", err)
	}
	languages := []string{"go", "nodejs", "python"}
	sdks := map[string]map[string][]byte{}
	for _, language := range languages {
		if sdks[language], err = generate(language, text); err != nil {
			return fmt.Errorf("cannot generate the %s SDK: %w", language, err)
		}
		if err := publish(language, root, sdks[language]); err != nil {
			return fmt.Errorf("cannot complete the %s SDK: %w", language, err)
		}
	}
	for _, language := range languages {
		if err := replace(filepath.Join(out, language), sdks[language]); err != nil {
			return fmt.Errorf("cannot write the %s SDK: %w", language, err)
		}
	}
	return nil
}

// generate returns the files of one SDK, by path. It binds the schema anew for each language,
// because a generator decodes its section of the bound package in place.
func generate(language string, text []byte) (map[string][]byte, error) {
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return nil, fmt.Errorf("the schema is not valid: %w", err)
	}
	// The schema refers to no other package: nothing here asks a loader for one.
	pkg, problems, err := schema.BindSpec(spec, schema.NewNullLoader(), schema.ValidationOptions{})
	if err != nil {
		return nil, fmt.Errorf("the schema is not valid: %w", err)
	}
	for _, problem := range problems {
		if problem.Severity == hcl.DiagError {
			return nil, fmt.Errorf("the schema is not valid: %s", problem.Summary)
		}
	}
	tool := "pulumi-language-" + language // what gen-sdk names in the head of each file
	switch language {
	case "go":
		return gogen.GeneratePackage(tool, pkg, nil)
	case "nodejs":
		return nodejs.GeneratePackage(tool, pkg, nil, nil, false, nil)
	default:
		return python.GeneratePackage(tool, pkg, nil, nil)
	}
}

// replace empties dir, except for what is kept, and writes files there.
func replace(dir string, files map[string][]byte) error {
	const marker = ".gitattributes" // every generator writes it
	entries, _ := os.ReadDir(dir)   // none yet before the first run
	var old []string
	for _, entry := range entries {
		if !slices.Contains(kept, entry.Name()) {
			old = append(old, entry.Name())
		}
	}
	if len(old) > 0 && !slices.Contains(old, marker) {
		return fmt.Errorf("%s holds no earlier SDK (no %s), so nothing there is replaced", dir, marker)
	}
	for _, name := range old {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err == nil {
			err = os.WriteFile(path, content, 0o644)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
