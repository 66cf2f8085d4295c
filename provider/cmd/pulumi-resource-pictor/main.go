// Command pulumi-resource-pictor is the Pulumi provider. Pulumi starts it; run
// by hand it says what it is, or prints its schema.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"

	"github.com/pulumi-pictor/pulumi-pictor/provider"
)

const usage = `pulumi-resource-pictor %s is the Pulumi provider for Pictor, which rents GPU machines.

Pulumi starts it when a program uses the package "pictor"; there is nothing to run by hand, except
  pulumi-resource-pictor schema    print the package's schema
  pulumi-resource-pictor audit     list the machines that PICTOR_API_KEY pays for and that a stack does not have:
                                   pulumi stack export | pulumi-resource-pictor audit
                                   Exit status 3 if there is one. See audit --help.
`

func main() {
	err := run(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-pictor:", err)
		if errors.Is(err, errUnclaimed) {
			os.Exit(3)
		}
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 || args[0] == "-h" || args[0] == "--help" {
		fmt.Printf(usage, provider.Version)
		return nil
	}
	if args[0] == "-version" || args[0] == "--version" || args[0] == "version" {
		fmt.Println(provider.Version)
		return nil
	}
	if args[0] == "audit" {
		return auditStack(context.Background(), args[1:])
	}
	prov, err := provider.New(provider.Options{})
	if err != nil {
		return err
	}
	if args[0] == "schema" {
		return printSchema(prov)
	}
	if isMisspelt(args[0]) {
		return fmt.Errorf("there is no command %q; see pulumi-resource-pictor --help", args[0])
	}
	return p.RunProvider(context.Background(), provider.Name, provider.Version, prov)
}

// isMisspelt tells a word from what Pulumi starts the provider with, which are
// flags and the engine's address. Who misspells audit must not be told that all
// is well.
func isMisspelt(arg string) bool { return !strings.HasPrefix(arg, "-") && !strings.Contains(arg, ":") }

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
