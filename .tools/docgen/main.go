// Command docgen writes what is read about the package, from what it is made of:
//
//	docgen examples -schema FILE -dir DIR    the examples DIR/NAME.yaml of a resource or function,
//	                                         in all languages, into DIR/NAME.md, for the schema
//	docgen pages -schema FILE -out DIR       a page for each resource and function into DIR
//
// An example is written once, as a Pulumi YAML program; Pulumi's own converters make the other
// languages of it, with the schema at hand, so that no language can fall behind.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	usage := fmt.Errorf("usage: docgen examples -schema FILE -dir DIR, or docgen pages -schema FILE -out DIR")
	if len(args) == 0 {
		return usage
	}
	flags := flag.NewFlagSet("docgen "+args[0], flag.ContinueOnError)
	schemaPath := flags.String("schema", "", "the `file` with the Pulumi schema in JSON")
	dir := flags.String("dir", "", "the `folder` of the examples")
	out := flags.String("out", "", "the `folder` of the pages")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	spec, err := readSchema(*schemaPath)
	switch {
	case err != nil:
		return err
	case args[0] == "examples" && *dir != "":
		return writeExamples(spec, *dir)
	case args[0] == "pages" && *out != "":
		return writePages(spec, *out)
	}
	return usage
}

func readSchema(path string) (schema.PackageSpec, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return schema.PackageSpec{}, fmt.Errorf("cannot read the schema: %w", err)
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return spec, fmt.Errorf("the schema is not valid: %w", err)
	}
	return spec, nil
}

func write(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}
