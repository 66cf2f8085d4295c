package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/contract"
)

// statusError ends the program with a status of its own.
type statusError struct {
	error
	status int
}

func (e *statusError) Unwrap() error { return e.error }

// The exit statuses of the contract commands, as diff(1) has them.
const (
	differs = 1
	trouble = 2
)

// report is what a contract command finds out.
type report interface {
	Same() bool
	Count() int
	WriteText(out io.Writer) error
}

func contractCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "contract",
		Short: "Hold a specification, or a real service, against the contract",
		Long: `The contract is the OpenAPI document that this simulator and the provider are made
from. Where Pictor documents nothing, it is an assumption; these commands find out
which assumptions hold. Their exit status is 0 when nothing differs, 1 when
something does, and 2 when that could not be found out.`,
		Args: func(cmd *cobra.Command, args []string) error { return asTrouble(cobra.NoArgs(cmd, args)) },
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return asTrouble(readEnvironment(cmd)) }
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &statusError{err, trouble} })
	for _, sub := range []*cobra.Command{contractDiffCommand(), contractProbeCommand(), contractShowCommand()} {
		args, run := sub.Args, sub.RunE
		sub.Args = func(cmd *cobra.Command, list []string) error { return asTrouble(args(cmd, list)) }
		sub.RunE = func(cmd *cobra.Command, list []string) error { return asTrouble(run(cmd, list)) }
		cmd.AddCommand(sub)
	}
	return cmd
}

func asTrouble(err error) error {
	var has *statusError
	if err == nil || errors.As(err, &has) {
		return err
	}
	return &statusError{err, trouble}
}

func contractDiffCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "diff FILE",
		Short: "How a published specification differs from the contract",
		Long: `diff compares an OpenAPI document, in YAML or JSON, with the contract: what only one
of them has, and what a client that was written for the contract meets in the other.
Texts, examples, names that never travel, the server's address and a prefix that all
paths share make no difference. "-" reads the document from the standard input.`,
		Example: `  pictor-sim contract diff published.yaml
  pictor-sim contract diff --output json published.json
  curl -s https://example.com/openapi.json | pictor-sim contract diff -`,
		Args: namedArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkOutput(cmd, output); err != nil {
				return err
			}
			other, err := readFile(cmd.InOrStdin(), args[0])
			if err != nil {
				return err
			}
			ours, err := api.GetSpecJSON()
			if err != nil {
				return err
			}
			found, err := contract.Diff(ours, other)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			return printReport(cmd.OutOrStdout(), output, found)
		},
	}
	outputFlag(cmd, &output)
	return cmd
}

func readFile(stdin io.Reader, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(name)
}

func contractProbeCommand() *cobra.Command {
	var output string
	var timeout time.Duration
	var cfg contract.ProbeConfig
	cmd := &cobra.Command{
		Use:   "probe --endpoint URL",
		Short: "Where a real service answers otherwise than the contract",
		Long: `probe reads from a real service with your key and holds each answer against the
contract. It sends at most 15 requests, GET and nothing else, with a pause between
them: nothing is rented, changed or paid. What it prints has neither the key nor
anything else of the account in it, only fields and types, so that it can be shown.
It counts the checks that could not be made, such as of an entry of an empty list.
A key that is refused, a service too busy to show the account, and an endpoint with
nothing of the API are no difference: the exit status is 2.`,
		Example: `  PICTOR_API_KEY=… pictor-sim contract probe --endpoint https://apiv2.pictor.network/api
  pictor-sim contract probe --endpoint https://apiv2.pictor.network/api --header X-API-Key --output json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkOutput(cmd, output); err != nil {
				return err
			}
			if cfg.Endpoint == "" {
				return errors.New("which service? Name it with --endpoint URL")
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
			defer cancel()
			found, err := contract.Probe(ctx, cfg)
			if err != nil {
				return fmt.Errorf("the probe cannot go on: %w", err)
			}
			return printReport(cmd.OutOrStdout(), output, found)
		},
	}
	f := cmd.Flags()
	f.StringVar(&cfg.Endpoint, "endpoint", "", "`URL` of the API")
	setBy(f, "endpoint", "PICTOR_SIM_ENDPOINT", "PICTOR_ENDPOINT") // never its default, which the help would show
	f.StringVar(&cfg.APIKey, "api-key", "", "the API `key`")
	setBy(f, "api-key", "PICTOR_SIM_API_KEY", apiKeyVariable)
	f.StringVar(&cfg.Header, "header", "Authorization", "the `name` of the header that carries the key, in Authorization as a bearer token")
	f.DurationVar(&cfg.Pause, "pause", contract.DefaultPause, "`time` between two requests")
	f.DurationVar(&timeout, "timeout", 2*time.Minute, "how much `time` the probe may take")
	outputFlag(cmd, &output)
	return cmd
}

func contractShowCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print the contract",
		Example: `  pictor-sim contract show > pictor.yaml
  pictor-sim contract show --output json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkOutput(cmd, output); err != nil {
				return err
			}
			document, err := api.GetSpecJSON()
			if err == nil && output == "text" {
				document, err = contract.YAML(document)
			}
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(document)
			return err
		},
	}
	outputFlag(cmd, &output)
	return cmd
}

func outputFlag(cmd *cobra.Command, output *string) {
	cmd.Flags().StringVarP(output, "output", "o", "text", "`format` of what is printed: text or json")
}

func checkOutput(cmd *cobra.Command, output string) error {
	if output != "text" && output != "json" {
		return fmt.Errorf("%s %s: must be text or json", source(cmd.Flags(), "output"), output)
	}
	return nil
}

// printReport prints what was found, and is an error when something differs.
func printReport(out io.Writer, output string, found report) error {
	var err error
	if output == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(found)
	} else {
		err = found.WriteText(out)
	}
	if err != nil || found.Same() {
		return err
	}
	if found.Count() == 1 {
		return &statusError{errors.New("1 difference"), differs}
	}
	return &statusError{fmt.Errorf("%d differences", found.Count()), differs}
}
