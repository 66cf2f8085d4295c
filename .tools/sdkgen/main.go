// Command sdkgen writes the Go, Node.js and Python SDKs of a Pulumi schema to DIR/go,
// DIR/nodejs and DIR/python:
//
//	sdkgen -schema PATH -out DIR
//
// The files are those of `pulumi package gen-sdk`, which asks a language plugin for each
// SDK. sdkgen calls the generators inside those plugins, at the version that go.mod pins:
// it needs no plugin, and everybody gets the same files from the same schema.
//
// All SDKs are generated before the first file changes, and an earlier SDK is removed
// before the new one is written, so that a removed resource leaves no file behind.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// kept names what sdkgen leaves alone in the folders of the SDKs: no generator writes it.
var kept = []string{
	"go.mod", "go.sum", // kept tidy by `go mod tidy`
	"package-lock.json", "node_modules", // kept by npm; node_modules is slow to fill again
}

// marker is a file which every generator writes: it tells an SDK from any other folder.
const marker = ".gitattributes"

func main() {
	schemaPath := flag.String("schema", "", "the `file` with the Pulumi schema in JSON")
	out := flag.String("out", "", "the `folder` of the folders go, nodejs and python")
	flag.Parse()
	if *schemaPath == "" || *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*schemaPath, *out); err != nil {
		fmt.Fprintln(os.Stderr, "sdkgen:", err)
		os.Exit(1)
	}
}

func run(schemaPath, out string) error {
	text, err := os.ReadFile(schemaPath)
	if err != nil {
		return fmt.Errorf("cannot read the schema: %w", err)
	}
	languages := []string{"go", "nodejs", "python"}
	sdks := map[string]map[string][]byte{}
	for _, language := range languages {
		if sdks[language], err = generate(language, text); err != nil {
			return fmt.Errorf("cannot generate the %s SDK of %s: %w", language, schemaPath, err)
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
	// The schema refers to no other package: nothing here asks a loader to find one.
	pkg, diagnostics, err := schema.BindSpec(spec, schema.NewNullLoader(), schema.ValidationOptions{})
	if err = errors.Join(append(diagnostics.Errs(), err)...); err != nil {
		return nil, fmt.Errorf("the schema is not valid: %w", err)
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
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return slices.Contains(kept, e.Name()) })
	isMarker := func(e os.DirEntry) bool { return e.Name() == marker }
	if len(entries) > 0 && !slices.ContainsFunc(entries, isMarker) {
		return fmt.Errorf("%s holds files but no %s, so it is not an earlier SDK", dir, marker)
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
