// Command pulumi-resource-pictor is the Pulumi provider. Pulumi starts it; run
// by hand it says what it is, or prints its schema.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	p "github.com/pulumi/pulumi-go-provider"

	"github.com/pulumi-pictor/pulumi-pictor/provider"
)

const usage = `pulumi-resource-pictor %s is the Pulumi provider for Pictor, which rents GPU machines.

Pulumi starts it when a program uses the package "pictor"; there is nothing to run by hand, except
  pulumi-resource-pictor schema    print the package's schema
`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-pictor:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 || args[0] == "-h" || args[0] == "--help" {
		fmt.Printf(usage, provider.Version)
		return nil
	}
	prov, err := provider.New(provider.Options{})
	if err != nil {
		return err
	}
	if args[0] == "schema" {
		return printSchema(prov)
	}
	return p.RunProvider(context.Background(), provider.Name, provider.Version, prov)
}

func printSchema(prov p.Provider) error {
	schema, err := p.GetSchema(context.Background(), provider.Name, provider.Version, prov)
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(schema)
}
