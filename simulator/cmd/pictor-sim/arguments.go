package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// namedArgs takes the arguments that the command's use names, those in brackets if
// they are given, and says which one is missing or too many.
func namedArgs(cmd *cobra.Command, args []string) error {
	names := strings.Fields(cmd.Use)[1:]
	usage := strings.Join(append([]string{cmd.CommandPath()}, names...), " ")
	switch {
	case len(args) < len(names) && !strings.HasPrefix(names[len(args)], "["):
		return fmt.Errorf("which %s? Write %s", names[len(args)], usage)
	case len(args) > len(names):
		return fmt.Errorf("%q is one argument too many: write %s", args[len(names)], usage)
	}
	return nil
}

// refuseNegative says why an argument cannot be below zero. Its minus is taken for
// the beginning of a flag, and the number for the flag's name.
func refuseNegative(cmd *cobra.Command, why string) {
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		var unknown *pflag.NotExistError
		if !errors.As(err, &unknown) {
			return err
		}
		number := unknown.GetSpecifiedShortnames()
		if number == "" || !strings.Contains(".0123456789", number[:1]) {
			return err
		}
		return fmt.Errorf("-%s: %s", number, why)
	})
}
