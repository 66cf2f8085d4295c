package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Where a flag's value may come from besides the command line, in the flag's
// annotations.
const (
	variablesOf = "environment"      // the variables that are looked at, in order
	takenFrom   = "environment-from" // the one that the value came from
)

// bindEnvironment lets every flag below a command be set by the environment: the
// flag --ready-file by $PICTOR_SIM_READY_FILE. What stands on the command line
// wins. The help of each flag names its variables.
func bindEnvironment(root *cobra.Command) {
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return readEnvironment(cmd) }
	var bind func(cmd *cobra.Command)
	bind = func(cmd *cobra.Command) {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Name == "help" || f.Name == "version" || strings.Contains(f.Usage, "$"+variable(f)) {
				return
			}
			if len(f.Annotations[variablesOf]) == 0 {
				annotate(f, variablesOf, variable(f))
			}
			f.Usage += " [$" + strings.Join(f.Annotations[variablesOf], ", $") + "]"
		})
		for _, child := range cmd.Commands() {
			bind(child)
		}
	}
	bind(root)
}

func variable(f *pflag.Flag) string {
	return "PICTOR_SIM_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
}

func annotate(f *pflag.Flag, key string, values ...string) {
	if f.Annotations == nil {
		f.Annotations = map[string][]string{}
	}
	f.Annotations[key] = values
}

// setBy names the variables of a flag that has others than its own; the first
// that is set counts.
func setBy(flags *pflag.FlagSet, flag string, variables ...string) {
	annotate(flags.Lookup(flag), variablesOf, variables...)
}

// readEnvironment sets the flags that the command line does not.
func readEnvironment(cmd *cobra.Command) (err error) {
	flags := cmd.Flags()
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed {
			return
		}
		for _, name := range f.Annotations[variablesOf] {
			value := os.Getenv(name)
			if value == "" {
				continue
			}
			if refused := flags.Set(f.Name, value); refused != nil && err == nil {
				err = fmt.Errorf("$%s: %w", name, refused)
			}
			annotate(f, takenFrom, name)
			return
		}
	})
	if err != nil {
		return err
	}
	return checkGroups(cmd)
}

// checkGroups is cobra's check of the flags that do not go together, or not
// without each other. Its error names the variables that are to blame.
func checkGroups(cmd *cobra.Command) error {
	err := cmd.ValidateFlagGroups()
	if err == nil {
		return nil
	}
	var blamed []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		from := f.Annotations[takenFrom]
		if len(from) == 0 {
			return
		}
		f.Changed = false
		if without := cmd.ValidateFlagGroups(); without == nil || without.Error() != err.Error() {
			blamed = append(blamed, "$"+from[0])
		}
		f.Changed = true
	})
	if len(blamed) == 0 {
		return err
	}
	return fmt.Errorf("%s: %w", strings.Join(blamed, ", "), err)
}

// source is how a flag's value was given, for a person who has to correct it.
func source(flags *pflag.FlagSet, flag string) string {
	if from := flags.Lookup(flag).Annotations[takenFrom]; len(from) > 0 {
		return "$" + from[0]
	}
	return "--" + flag
}

// passedOn is the environment for the command of exec, without what set exec's
// own flags: pictor-sim in the command has flags of the same names that mean
// something else. A sandbox that was selected before, and a control API's key, are
// another simulator's.
func passedOn(flags *pflag.FlagSet) []string {
	own := []string{sandboxVariable, controlKeyVariable}
	flags.VisitAll(func(f *pflag.Flag) { own = append(own, f.Annotations[variablesOf]...) })
	return slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains(own, name)
	})
}
