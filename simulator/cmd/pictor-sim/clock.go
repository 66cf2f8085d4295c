package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
)

func clockCommand() *cobra.Command {
	cmd, client := newControlCommand("clock", "Show, set and advance the clock of a sandbox")
	cmd.AddCommand(clockShowCommand(client), clockSetCommand(client), clockAdvanceCommand(client), clockRunCommand(client))
	return cmd
}

// clock sends a request about the clock and shows the clock.
func (c *controlClient) clock(cmd *cobra.Command, method, path string, body any) error {
	var clock control.Clock
	if err := c.wait(cmd.Context(), method, path, body, &clock); err != nil {
		return err
	}
	return c.show(cmd, clock, func(out io.Writer) error {
		next := "nothing is going to happen"
		if clock.NextEvent != nil {
			next = "next event at " + shownTime(*clock.NextEvent)
		}
		_, err := fmt.Fprintf(out, "%s (%s); %s\n", shownTime(clock.Now), clock.Mode, next)
		return err
	})
}

func clockShowCommand(client *controlClient) *cobra.Command {
	return &cobra.Command{
		Use:     "show",
		Short:   "Show the time, the mode and when something happens next",
		Example: "  pictor-sim clock show",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return client.clock(cmd, http.MethodGet, "/clock", nil)
		},
	}
}

func clockSetCommand(client *controlClient) *cobra.Command {
	return &cobra.Command{
		Use:       "set MODE",
		Short:     "Change the mode: real, x60 (or any factor), frozen, poll or poll=N",
		Example:   "  pictor-sim clock set frozen\n  pictor-sim clock set x3600",
		Args:      namedArgs,
		ValidArgs: clockModes,
		RunE: func(cmd *cobra.Command, args []string) error {
			return client.clock(cmd, http.MethodPut, "/clock", map[string]string{"mode": args[0]})
		},
	}
}

func clockAdvanceCommand(client *controlClient) *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:   "advance DURATION | --to TIME",
		Short: "Move the clock forward; what becomes due has happened when it returns",
		Example: `  pictor-sim clock advance 36h
  pictor-sim clock advance --to 2026-05-01T00:00:00Z`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { // which knows what the environment says
			if len(args) > 1 || (len(args) == 1) == (to != "") {
				return errors.New("how far? Give one duration such as 36h, or a time with --to")
			}
			body := map[string]string{"to": to}
			if to == "" {
				body = map[string]string{"by": args[0]}
			}
			return client.clock(cmd, http.MethodPost, "/clock/advance", body)
		},
	}
	refuseNegative(cmd, "the clock only goes forward: give a duration such as 36h, or a time with --to")
	cmd.Flags().StringVar(&to, "to", "", "the `time` to move it to, such as 2026-05-01T00:00:00Z")
	return cmd
}

func clockRunCommand(client *controlClient) *cobra.Command {
	var within string
	cmd := &cobra.Command{
		Use:   "run-until INSTANCE STATUS | next-event",
		Short: "Let one event after another happen until an instance has a status, or just the next one",
		Example: `  pictor-sim clock run-until trainer running
  pictor-sim clock run-until ins_7f3a2c1b terminated --within 48h
  pictor-sim clock run-until next-event`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 2 || len(args) == 1 && args[0] == control.NextEvent {
				return nil
			}
			return errors.New("until what? Give an instance and a status, or next-event")
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			switch {
			case len(args) == 0:
				return []string{control.NextEvent}, cobra.ShellCompDirectiveNoFileComp
			case len(args) == 1 && args[0] != control.NextEvent:
				return control.Statuses(), cobra.ShellCompDirectiveNoFileComp
			default:
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			body := map[string]any{"until": args[0]}
			if len(args) == 2 {
				body["until"] = map[string]string{"instance": args[0], "status": args[1]}
			}
			body["within"] = optional(within)
			return client.clock(cmd, http.MethodPost, "/clock/advance", body)
		},
	}
	cmd.Flags().StringVar(&within, "within", "", "how `long` to go on at most (default a year)")
	return cmd
}
