package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
)

// whatGoesWrong is all that can be asked for.
type whatGoesWrong struct {
	Kinds  []shownKind  `json:"kinds"`
	Labels []shownLabel `json:"labels"`
}

type shownKind struct {
	Name       string           `json:"name"`
	About      string           `json:"about"`
	Phases     []fault.Phase    `json:"phases"` // the usual one first
	Parameters []shownParameter `json:"parameters"`
}

type shownParameter struct {
	Name  string `json:"name"`
	Is    string `json:"is"`
	About string `json:"about"`
}

type shownLabel struct {
	Label string `json:"label"` // as it stands in a name
	About string `json:"about"`
	Once  bool   `json:"once"` // a second try goes through
}

func faultKindsCommand(client *controlClient) *cobra.Command {
	return &cobra.Command{
		Use:     "kinds",
		Short:   "Show the kinds of faults, their parameters, and the labels for names",
		Example: "  pictor-sim fault kinds\n  pictor-sim fault kinds --output json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			there := kindsAndLabels()
			return client.show(cmd, there, func(out io.Writer) error { return printKinds(out, there) })
		},
	}
}

func kindsAndLabels() (there whatGoesWrong) {
	kinds := fault.Kinds()
	for _, name := range fault.KindNames() {
		kind := shownKind{Name: name, About: kinds[name].About, Phases: kinds[name].Phases, Parameters: []shownParameter{}}
		for _, p := range kinds[name].Parameters {
			kind.Parameters = append(kind.Parameters, shownParameter(p))
		}
		there.Kinds = append(there.Kinds, kind)
	}
	for _, label := range fault.Labels() {
		there.Labels = append(there.Labels, shownLabel{fault.LabelMark + label.Name, label.About, label.Once})
	}
	return there
}

func printKinds(out io.Writer, there whatGoesWrong) error {
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "KIND\tPHASES\tWHAT HAPPENS")
	for _, kind := range there.Kinds {
		phases := make([]string, len(kind.Phases))
		for i, p := range kind.Phases {
			phases[i] = string(p)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", kind.Name, strings.Join(phases, ", "), kind.About)
		for _, p := range kind.Parameters {
			fmt.Fprintf(table, "\t\t  %s: %s, %s\n", p.Name, p.Is, p.About)
		}
	}
	fmt.Fprintln(table, "\nLABEL IN A NAME\t\tWHAT HAPPENS")
	for _, label := range there.Labels {
		once := ""
		if label.Once {
			once = " A second try goes through."
		}
		fmt.Fprintf(table, "%s\t\t%s%s\n", label.Label, label.About, once)
	}
	return table.Flush()
}
