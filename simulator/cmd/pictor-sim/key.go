package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

func keyCommand() *cobra.Command {
	client := &controlClient{}
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Make, list and revoke API keys of a running simulator",
		Args:  cobra.NoArgs, // else a misspelt command would be taken for a question
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	server := os.Getenv("PICTOR_SIM")
	if server == "" {
		server = defaultAddr
	}
	cmd.PersistentFlags().StringVar(&client.server, "server", server, "`address` of the simulator; else $PICTOR_SIM")
	cmd.AddCommand(
		&cobra.Command{
			Use:     "create NAME",
			Short:   "Make a key and show it, this once",
			Example: "  pictor-sim key create ci",
			Args:    cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				var key control.Key
				if err := client.do(cmd.Context(), http.MethodPost, "/keys", control.NewKey{Name: args[0]}, &key); err != nil {
					return err
				}
				fmt.Fprintf(cmd.ErrOrStderr(), "Key %s (%s). Keep it: it cannot be shown again.\n", key.ID, key.Name)
				_, err := fmt.Fprintln(cmd.OutOrStdout(), key.Secret)
				return err
			},
		},
		&cobra.Command{
			Use:   "list",
			Short: "List the keys, without their secrets",
			Args:  cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				var keys []control.Key
				if err := client.do(cmd.Context(), http.MethodGet, "/keys", nil, &keys); err != nil {
					return err
				}
				return printKeys(cmd.OutOrStdout(), keys)
			},
		},
		&cobra.Command{
			Use:     "revoke ID",
			Short:   "Make a key invalid, for good",
			Example: "  pictor-sim key revoke api_2",
			Args:    cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				var key control.Key
				if err := client.do(cmd.Context(), http.MethodDelete, "/keys/"+url.PathEscape(args[0]), nil, &key); err != nil {
					return err
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "Key %s (%s) is no longer valid.\n", key.ID, key.Name)
				return err
			},
		},
	)
	return cmd
}

func printKeys(out io.Writer, keys []control.Key) error {
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tENDS IN\tMADE\tREVOKED")
	for _, k := range keys {
		revoked := "-"
		if k.RevokedAt != nil {
			revoked = k.RevokedAt.Format(time.RFC3339)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", k.ID, k.Name, k.Hint, k.CreatedAt.Format(time.RFC3339), revoked)
	}
	return table.Flush()
}

// controlClient speaks to the control API of a running simulator.
type controlClient struct{ server string }

func (c *controlClient) do(ctx context.Context, method, path string, body, answer any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	server := strings.TrimRight(c.server, "/")
	if !strings.Contains(server, "://") {
		server = "http://" + server
	}
	req, err := http.NewRequestWithContext(ctx, method, server+control.BasePath+path, bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("--server %s is not an address: %w", c.server, err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err // without the method and the address
	}
	if err != nil {
		return fmt.Errorf("no simulator answers at %s (start one with \"pictor-sim serve\", or name it with --server): %w", c.server, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		var refused struct {
			Message string        `json:"message"`
			Errors  engine.Fields `json:"errors"`
		}
		if err := json.NewDecoder(resp.Body).Decode(&refused); err != nil || refused.Message == "" {
			return fmt.Errorf("%s answered %s: is it a pictor-sim?", c.server, resp.Status)
		}
		if len(refused.Errors) > 0 {
			return errors.New(refused.Errors.String())
		}
		return errors.New(refused.Message)
	}
	return json.NewDecoder(resp.Body).Decode(answer)
}
