package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/dialect"
)

func sandboxCommand() *cobra.Command {
	cmd, client := newControlCommand("sandbox", "Make, list, reset, fork and delete sandboxes of a running simulator")
	cmd.Long = `A sandbox is a world of its own: market, machines, keys, credits, clock and faults.
The API key of a request selects it.`
	cmd.AddCommand(sandboxCreateCommand(client), sandboxListCommand(client), sandboxShowCommand(client),
		sandboxResetCommand(client), sandboxForkCommand(client), sandboxDeleteCommand(client))
	return cmd
}

func sandboxCreateCommand(client *controlClient) *cobra.Command {
	var world worldOptions
	var name, apiKey string
	cmd := &cobra.Command{
		Use:   "create [flags]",
		Short: "Make a sandbox and show its API key, this once",
		Example: `  pictor-sim sandbox create --name ci --seed 7 --clock poll
  pictor-sim sandbox create --credits 5 --models "RTX 4090,H100" --countries DE,FI --occupied 60
  pictor-sim sandbox create --dialect laravel+bare-arrays --failed-renewal stop`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := world.settings()
			if err != nil {
				return err
			}
			settings.Name = name
			body := struct {
				control.Settings
				APIKey string `json:"api_key,omitempty"`
			}{control.SettingsOf(settings), apiKey}
			return client.made(cmd, "/sandboxes", body)
		},
	}
	world.register(cmd, "real")
	cmd.Flags().StringVar(&name, "name", "", "`name`, for people")
	cmd.Flags().StringVar(&apiKey, "api-key", "", "its first API `key` (default one that is made)")
	return cmd
}

// made sends a request that makes a sandbox, and shows it.
func (c *controlClient) made(cmd *cobra.Command, path string, body any) error {
	var made control.Sandbox
	if err := c.wait(cmd.Context(), http.MethodPost, path, body, &made); err != nil {
		return err
	}
	return c.show(cmd, made, func(out io.Writer) error {
		fmt.Fprintf(cmd.ErrOrStderr(), "Sandbox %s. Its API key cannot be shown again.\n", called(made))
		_, err := fmt.Fprintf(out, "%s=%s %s=%s\n", sandboxVariable, made.ID, apiKeyVariable, made.APIKey)
		return err
	})
}

func called(s control.Sandbox) string {
	if s.Name == "" {
		return s.ID
	}
	return fmt.Sprintf("%s (%s)", s.ID, s.Name)
}

func sandboxListCommand(client *controlClient) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the sandboxes",
		Example: "  pictor-sim sandbox list\n  pictor-sim sandbox list --output json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var all []control.Sandbox
			if err := client.do(cmd.Context(), http.MethodGet, "/sandboxes", nil, &all); err != nil {
				return err
			}
			return client.show(cmd, all, func(out io.Writer) error {
				table := newTable(out, "ID\tNAME\tSEED\tNOW\tBALANCE\tINSTANCES")
				for _, s := range all {
					fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%s\t%d\n", s.ID, s.Name, s.Seed, shownTime(s.Now), s.Balance, s.Instances)
				}
				return table.Flush()
			})
		},
	}
}

// chosen is the path of the sandbox that is named, by an argument or by
// --sandbox, else of the oldest one.
func (c *controlClient) chosen(cmd *cobra.Command, args []string) (path string, err error) {
	id := c.sandbox
	if len(args) > 0 {
		id = args[0]
	}
	if id == "" {
		var all []control.Sandbox
		if err := c.do(cmd.Context(), http.MethodGet, "/sandboxes", nil, &all); err != nil {
			return "", err
		}
		if len(all) == 0 {
			return "", errors.New("there is no sandbox: make one with \"pictor-sim sandbox create\"")
		}
		id = all[0].ID
	}
	return "/sandboxes/" + url.PathEscape(id), nil
}

func sandboxShowCommand(client *controlClient) *cobra.Command {
	return &cobra.Command{
		Use:     "show [ID]",
		Short:   "Show what a sandbox is like",
		Example: "  pictor-sim sandbox show sbx_2",
		Args:    namedArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return client.showChosen(cmd, args, http.MethodGet, "", printSandbox)
		},
	}
}

// showChosen asks for, or changes, the sandbox that is named or selected, and
// shows what it is like then.
func (c *controlClient) showChosen(cmd *cobra.Command, args []string, method, action string, show func(io.Writer, control.Sandbox) error) error {
	path, err := c.chosen(cmd, args)
	if err != nil {
		return err
	}
	var s control.Sandbox
	if err := c.do(cmd.Context(), method, path+action, nil, &s); err != nil {
		return err
	}
	return c.show(cmd, s, func(out io.Writer) error { return show(out, s) })
}

func printSandbox(out io.Writer, s control.Sandbox) error {
	limit := "none"
	if s.RateLimit != nil {
		limit = fmt.Sprintf("%d requests in %s", s.RateLimit.Requests, s.RateLimit.Per)
	}
	table := newTable(out, "Sandbox\t"+called(s))
	for _, line := range [][2]any{
		{"Now", shownTime(s.Now)},
		{"Balance", s.Balance},
		{"Instances", s.Instances},
		{"Seed", s.Seed},
		{"Opening credits", s.Credits},
		{"Clock at first", s.Clock},
		{"Market", fmt.Sprintf("%d hosts, %d %% occupied, models: %s, countries: %s", s.Market.Hosts, s.Market.Occupied, orAll(s.Market.Models), orAll(s.Market.Countries))},
		{"Timings", fmt.Sprintf("pending %s, provisioning %s, stopping %s, starting %s, deleting %s", s.Timings.Pending, s.Timings.Provisioning, s.Timings.Stopping, s.Timings.Starting, s.Timings.Deleting)},
		{"Rate limit", limit},
		{"Idempotency", s.Idempotency},
		{"Duplicate names", s.DuplicateNames},
		{"Refund on delete", s.RefundOnDelete},
		{"Failed renewal", s.FailedRenewal},
		{"Dialect", dialectName(s.Dialect)},
	} {
		fmt.Fprintf(table, "%v\t%v\n", line[0], line[1])
	}
	return table.Flush()
}

// orAll lists what was chosen; nothing chosen is everything.
func orAll(chosen []string) string { return cmp.Or(strings.Join(chosen, ", "), "all") }

// dialectName is the name of a preset, or the dialect itself.
func dialectName(d dialect.Dialect) string {
	for _, preset := range dialect.Presets() {
		if preset.Dialect == d {
			return preset.Name
		}
	}
	text, err := json.Marshal(d)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func sandboxResetCommand(client *controlClient) *cobra.Command {
	return &cobra.Command{
		Use:     "reset [ID]",
		Short:   "Make a sandbox again what it was at first; its API keys stay",
		Example: "  pictor-sim sandbox reset",
		Args:    namedArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return client.showChosen(cmd, args, http.MethodPost, "/reset", func(out io.Writer, s control.Sandbox) error {
				_, err := fmt.Fprintf(out, "Sandbox %s is as it was at first.\n", called(s))
				return err
			})
		},
	}
}

func sandboxForkCommand(client *controlClient) *cobra.Command {
	var name, apiKey string
	cmd := &cobra.Command{
		Use:     "fork [ID]",
		Short:   "Make a second sandbox that is like one is now, with an API key of its own",
		Example: "  pictor-sim sandbox fork sbx_1 --name what-if",
		Args:    namedArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := client.chosen(cmd, args)
			if err != nil {
				return err
			}
			return client.made(cmd, path+"/fork", map[string]any{"name": name, "api_key": optional(apiKey)})
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "`name` of the fork, for people (default the same)")
	cmd.Flags().StringVar(&apiKey, "api-key", "", "its first API `key` (default one that is made)")
	return cmd
}

// optional is nil, which is as good as not there, for an empty string.
func optional(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func sandboxDeleteCommand(client *controlClient) *cobra.Command {
	return &cobra.Command{
		Use:     "delete ID",
		Short:   "Destroy a sandbox, with everything in it",
		Example: "  pictor-sim sandbox delete sbx_2",
		Args:    namedArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := client.do(cmd.Context(), http.MethodDelete, "/sandboxes/"+url.PathEscape(args[0]), nil, nil); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.ErrOrStderr(), "Sandbox %s is gone.\n", args[0])
			return err
		},
	}
}
