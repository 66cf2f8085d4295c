package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider"
	"github.com/pulumi-pictor/pulumi-pictor/provider/audit"
	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// errUnclaimed makes the exit status 3: something is paid for that no resource has.
var errUnclaimed = errors.New("machines are paid for that no resource has")

// auditStack is the command "audit".
func auditStack(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("audit", flag.ContinueOnError)
	endpoint := flags.String("endpoint", os.Getenv("PICTOR_ENDPOINT"), "base `URL` of the API")
	remove := flags.String("delete", "", "delete the unclaimed machine with this `id`, and its storage")
	output := flags.String("output", "text", "`form` of the report: text, or json for programs")
	var files []string
	flags.Func("stack-file", "`file` that \"pulumi stack export\" has written; once for each stack that uses the account (default standard input)",
		func(file string) error { files = append(files, file); return nil })
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case *output != "text" && *output != "json":
		return fmt.Errorf("--output %s: there are text and json", *output)
	case *output == "json" && *remove != "":
		return errors.New("--output json is for the report, and --delete makes none: use one of them")
	}
	stacks, err := readStacks(files)
	if err != nil {
		return err
	}
	api, err := pictor.New(pictor.Config{Endpoint: *endpoint, APIKey: os.Getenv("PICTOR_API_KEY"), Version: provider.Version})
	if err != nil {
		return err
	}
	account, err := api.GetAccount(ctx)
	if err != nil {
		return err
	}
	instances, err := api.ListInstances(ctx, pictor.InstanceFilter{})
	if err != nil {
		return err
	}
	report := audit.Compare(account.Id, instances, stacks...)
	if *remove != "" {
		return deleteUnclaimed(ctx, api, report, *remove)
	}
	again := "pulumi stack export | " + os.Args[0] + " audit"
	if len(files) > 0 {
		again = os.Args[0] + " audit"
	}
	for _, file := range files {
		again += fmt.Sprintf(" --stack-file '%s'", file)
	}
	write := report.Print
	if *output == "json" {
		write = report.PrintJSON
	}
	if err := write(os.Stdout, again+" --delete"); err != nil {
		return err
	}
	if len(report.Unclaimed) > 0 {
		return errUnclaimed
	}
	return nil
}

func readStacks(files []string) ([]audit.Stack, error) {
	read := func(in io.Reader, of string) (audit.Stack, error) {
		s, err := audit.Read(in)
		if err != nil {
			err = fmt.Errorf("%s: %w", of, err)
		}
		return s, err
	}
	if len(files) == 0 {
		s, err := read(os.Stdin, "standard input")
		return []audit.Stack{s}, err
	}
	var stacks []audit.Stack
	for _, file := range files {
		in, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		s, err := read(in, file)
		in.Close()
		if err != nil {
			return nil, err
		}
		stacks = append(stacks, s)
	}
	return stacks, nil
}

// deleteUnclaimed deletes a machine only if no resource of the stacks has it, and
// waits until no list has it any more.
func deleteUnclaimed(ctx context.Context, api *pictor.Client, report audit.Report, id string) error {
	for _, m := range report.Unclaimed {
		if string(m.Id) != id {
			continue
		}
		if err := api.DeleteInstance(ctx, m.Id); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
		defer cancel()
		for gone := false; !gone; {
			instances, err := api.ListInstances(ctx, pictor.InstanceFilter{})
			if err != nil {
				return fmt.Errorf("%s was told to delete itself, and costs until it is gone: %w", id, err)
			}
			gone = true
			for _, inst := range instances {
				gone = gone && inst.Id != m.Id
			}
			if !gone {
				if err := pictor.WallClock().Sleep(ctx, time.Second/4); err != nil {
					return fmt.Errorf("%s was told to delete itself and is not gone yet; it costs until it is: %w", id, err)
				}
			}
		}
		fmt.Printf("%s (%s) is deleted; it has cost %s credits\n", m.Name, m.Id, m.CostSoFar)
		return nil
	}
	return fmt.Errorf("no unclaimed machine has the id %s, so nothing was deleted: what a resource has is deleted with \"pulumi destroy\"", id)
}
