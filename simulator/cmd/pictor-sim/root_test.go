package main

import (
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Every command says how to use it, and every flag can be set by the environment.
func TestCommandsAndFlagsAreComplete(t *testing.T) {
	t.Parallel()
	var check func(cmd *cobra.Command)
	check = func(cmd *cobra.Command) {
		ours := cmd.Name() != "help" && cmd.Name() != "completion"
		if cmd.Short == "" || ours && cmd.Runnable() && !cmd.HasSubCommands() && cmd.Example == "" {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" && f.Name != "version" && len(f.Annotations[variablesOf]) == 0 {
				t.Errorf("%s --%s cannot be set by the environment", cmd.CommandPath(), f.Name)
			}
		})
		for _, child := range cmd.Commands() {
			if ours {
				check(child)
			}
		}
	}
	check(root())
}
