package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
)

func keyCommand() *cobra.Command {
	cmd, client := newControlCommand("key", "Make, list and revoke API keys of a running simulator")
	cmd.AddCommand(
		&cobra.Command{
			Use:     "create NAME",
			Short:   "Make a key and show it, this once",
			Example: "  pictor-sim key create ci\n  export PICTOR_API_KEY=$(pictor-sim key create ci --sandbox sbx_2)",
			Args:    namedArgs,
			RunE: func(cmd *cobra.Command, args []string) error {
				var key control.Key
				if err := client.do(cmd.Context(), http.MethodPost, "/keys", control.NewKey{Name: args[0]}, &key); err != nil {
					return err
				}
				return client.show(cmd, key, func(out io.Writer) error {
					fmt.Fprintf(cmd.ErrOrStderr(), "Key %s (%s). Keep it: it cannot be shown again.\n", key.ID, key.Name)
					_, err := fmt.Fprintln(out, key.Secret)
					return err
				})
			},
		},
		&cobra.Command{
			Use:     "list",
			Short:   "List the keys, without their secrets",
			Example: "  pictor-sim key list\n  pictor-sim key list --output json",
			Args:    cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				var keys []control.Key
				if err := client.do(cmd.Context(), http.MethodGet, "/keys", nil, &keys); err != nil {
					return err
				}
				return client.show(cmd, keys, func(out io.Writer) error { return printKeys(out, keys) })
			},
		},
		&cobra.Command{
			Use:     "revoke ID",
			Short:   "Make a key invalid, for good",
			Example: "  pictor-sim key revoke api_2",
			Args:    namedArgs,
			RunE: func(cmd *cobra.Command, args []string) error {
				var key control.Key
				if err := client.do(cmd.Context(), http.MethodDelete, "/keys/"+url.PathEscape(args[0]), nil, &key); err != nil {
					return err
				}
				return client.show(cmd, key, func(out io.Writer) error {
					_, err := fmt.Fprintf(out, "Key %s (%s) is no longer valid.\n", key.ID, key.Name)
					return err
				})
			},
		},
	)
	return cmd
}

func printKeys(out io.Writer, keys []control.Key) error {
	table := newTable(out, "ID\tNAME\tENDS IN\tMADE\tREVOKED")
	for _, k := range keys {
		revoked := "-"
		if k.RevokedAt != nil {
			revoked = shownTime(*k.RevokedAt)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", k.ID, k.Name, k.Hint, shownTime(k.CreatedAt), revoked)
	}
	return table.Flush()
}

func newTable(out io.Writer, head string) *tabwriter.Writer {
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, head)
	return table
}

func shownTime(t time.Time) string { return t.Format(time.RFC3339) }
