package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// configurationMark is where the generated part of the page begins that the Registry shows beside
// the package; what is above it is written by hand.
const configurationMark = "<!-- What follows is generated from the schema by docgen. -->\n"

// writeConfiguration lists the provider's configuration at the end of its page.
func writeConfiguration(spec schema.PackageSpec, out string) error {
	path := filepath.Join(out, "installation-configuration.md")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, _, found := strings.Cut(string(text), configurationMark)
	if !found {
		return fmt.Errorf("%s has no line %q", path, strings.TrimSpace(configurationMark))
	}
	p := page{spec: spec}
	p.printf("%s%s\n", head, configurationMark)
	p.table(spec.Config.Variables, spec.Config.Required)
	p.explainTypes()
	return write(path, strings.TrimSpace(p.text.String())+"\n")
}
