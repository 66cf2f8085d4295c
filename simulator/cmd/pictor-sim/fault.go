package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
)

func faultCommand() *cobra.Command {
	cmd, client := newControlCommand("fault", "Let requests to a running simulator, or its machines, go wrong")
	cmd.AddCommand(
		addFaultCommand(client),
		listFaultsCommand(client),
		&cobra.Command{
			Use:     "remove ID",
			Short:   "Take a fault out of force",
			Example: "  pictor-sim fault remove flt_2",
			Args:    namedArgs,
			RunE: func(cmd *cobra.Command, args []string) error {
				var removed fault.Report
				if err := client.do(cmd.Context(), http.MethodDelete, "/faults/"+url.PathEscape(args[0]), nil, &removed); err != nil {
					return err
				}
				return client.show(cmd, removed, func(out io.Writer) error {
					_, err := fmt.Fprintf(out, "Fault %s is out of force; it has hit %s.\n", removed.ID, times(removed.Fired))
					return err
				})
			},
		},
		&cobra.Command{
			Use:     "clear",
			Short:   "Take every fault out of force",
			Example: "  pictor-sim fault clear",
			Args:    cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				var removed []fault.Report
				if err := client.do(cmd.Context(), http.MethodDelete, "/faults", nil, &removed); err != nil {
					return err
				}
				return client.show(cmd, removed, func(out io.Writer) error {
					_, err := fmt.Fprintf(out, "Faults taken out of force: %d.\n", len(removed))
					return err
				})
			},
		},
		&cobra.Command{
			Use:     "reset",
			Short:   "Set the counts of every fault to zero, so that each hits again",
			Example: "  pictor-sim fault reset",
			Args:    cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				var all []fault.Report
				if err := client.do(cmd.Context(), http.MethodPost, "/faults/reset", nil, &all); err != nil {
					return err
				}
				return client.show(cmd, all, func(out io.Writer) error {
					_, err := fmt.Fprintf(out, "Faults whose counts are zero again: %d.\n", len(all))
					return err
				})
			},
		},
		faultKindsCommand(client),
	)
	return cmd
}

func addFaultCommand(client *controlClient) *cobra.Command {
	var plan struct {
		Name      string `json:"name,omitempty"`
		Operation string `json:"operation,omitempty"`
		Resource  string `json:"resource,omitempty"`
		From      int    `json:"from,omitempty"`
		Times     int    `json:"times,omitempty"`
		Phase     string `json:"phase,omitempty"`
		Kind      string `json:"kind"`
	}
	var settings []string
	var file string
	cmd := &cobra.Command{
		Use:   "add",
		Short: "Put a fault into force",
		Example: `  pictor-sim fault add --operation createInstance --kind reset --phase after
  pictor-sim fault add --kind status --set code=503 --times 3
  pictor-sim fault add --operation createInstance --resource 'trainer*' --kind host_dies --set after=10m
  pictor-sim fault add --file plans.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			plans, err := readPlans(file)
			if err != nil {
				return err
			}
			if file == "" {
				one, err := parsePlan(plan, plan.Kind, settings)
				if err != nil {
					return err
				}
				plans = []fault.Plan{one}
			}
			var added []fault.Report
			if err := client.do(cmd.Context(), http.MethodPost, "/faults", plans, &added); err != nil {
				return err
			}
			return client.show(cmd, added, func(out io.Writer) error {
				for _, r := range added {
					if _, err := fmt.Fprintln(out, r.ID); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&plan.Kind, "kind", "", "what goes wrong: a `kind` of \"pictor-sim fault kinds\"")
	f.StringArrayVar(&settings, "set", nil, "`parameter=value` of the kind; a header is --set headers.NAME=VALUE")
	f.StringVar(&plan.Name, "name", "", "a `name` for people")
	f.StringVar(&plan.Operation, "operation", "", "the `operation` that is hit, such as createInstance; else any")
	f.StringVar(&plan.Resource, "resource", "", "a `pattern` of the id or name of what is hit, such as 'trainer*'; else any")
	f.IntVar(&plan.From, "from", 1, "the first matching `request` that is hit")
	f.IntVar(&plan.Times, "times", 1, "how `many` are hit; -1 is all")
	f.StringVar(&plan.Phase, "phase", "", "before, after or late; else the kind's usual `phase`")
	f.StringVar(&file, "file", "", "read the plan, or an array of plans, from this JSON `file`")
	for _, name := range []string{"kind", "set", "name", "operation", "resource", "from", "times", "phase"} {
		cmd.MarkFlagsMutuallyExclusive("file", name)
	}
	cmd.MarkFlagsOneRequired("file", "kind")
	return cmd
}

// parsePlan makes a plan of flags: what all plans have, and the parameters.
func parsePlan(common any, kind string, settings []string) (fault.Plan, error) {
	data, err := json.Marshal(common)
	if err != nil {
		return fault.Plan{}, err
	}
	fields := map[string]any{}
	if err := json.Unmarshal(data, &fields); err != nil {
		return fault.Plan{}, err
	}
	headers := map[string]string{}
	for _, setting := range settings {
		name, value, ok := strings.Cut(setting, "=")
		if !ok {
			return fault.Plan{}, fmt.Errorf("--set %s: write parameter=value", setting)
		}
		if header, ok := strings.CutPrefix(name, "headers."); ok {
			headers[header] = value
			fields["headers"] = headers
			continue
		}
		fields[name] = value
		if isNumber(kind, name) {
			fields[name] = json.RawMessage(value)
			if !json.Valid([]byte(value)) {
				return fault.Plan{}, fmt.Errorf("--set %s: %s is a number", setting, name)
			}
		}
	}
	data, err = json.Marshal(fields)
	if err != nil {
		return fault.Plan{}, err
	}
	plans, err := fault.ParsePlans(data)
	if err != nil {
		return fault.Plan{}, err
	}
	return plans[0], nil
}

func isNumber(kind, parameter string) bool {
	return slices.ContainsFunc(fault.Kinds()[kind].Parameters, func(p fault.Parameter) bool {
		return p.Name == parameter && p.Is == "number"
	})
}

func listFaultsCommand(client *controlClient) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the faults and how often each has hit",
		Example: "  pictor-sim fault list\n  pictor-sim fault list --output json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var faults []fault.Report
			if err := client.do(cmd.Context(), http.MethodGet, "/faults", nil, &faults); err != nil {
				return err
			}
			return client.show(cmd, faults, func(out io.Writer) error { return printFaults(out, faults) })
		},
	}
}

func printFaults(out io.Writer, faults []fault.Report) error {
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tOPERATION\tRESOURCE\tKIND\tPHASE\tSEEN\tFIRED\tREMAINING")
	for _, r := range faults {
		remaining := "all"
		if r.Remaining != nil {
			remaining = fmt.Sprint(*r.Remaining)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%s\n",
			r.ID, orDash(r.Name), orDash(r.Operation), orDash(r.Resource), orDash(r.Kind()), r.Phase, r.Seen, r.Fired, remaining)
	}
	return table.Flush()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
