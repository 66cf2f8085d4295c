package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
)

func requestsCommand() *cobra.Command {
	cmd, client := newControlCommand("requests", "List, follow and clear the requests that a sandbox has had")
	cmd.Long = `A sandbox keeps its latest requests and what was answered, without the secrets in
them, in memory only.`
	cmd.AddCommand(requestsListCommand(client), requestsClearCommand(client))
	return cmd
}

func requestsListCommand(client *controlClient) *cobra.Command {
	var follow bool
	filters := pflag.NewFlagSet("", pflag.ContinueOnError)
	cmd := &cobra.Command{
		Use:   "list [flags]",
		Short: "List requests and answers, the newest last",
		Example: `  pictor-sim requests list --status 4xx --limit 10
  pictor-sim requests list --operation createInstance --output json
  pictor-sim requests list --follow`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			query := url.Values{}
			filters.VisitAll(func(f *pflag.Flag) {
				if value := f.Value.String(); value != "" {
					query.Set(f.Name, value)
				}
			})
			if follow {
				return followRequests(cmd, client, query)
			}
			var list []control.Request
			if err := client.do(cmd.Context(), http.MethodGet, "/requests?"+query.Encode(), nil, &list); err != nil {
				return err
			}
			return client.show(cmd, list, func(out io.Writer) error {
				for _, r := range list {
					if err := printRequest(out, r); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	filters.String("operation", "", "only this `operation` of the contract, such as createInstance")
	filters.String("method", "", "only this `method`")
	filters.String("path", "", "only this `path`; * stands for anything but a slash")
	filters.String("status", "", "only this `status`, such as 404 or 4xx; 0 where the connection broke")
	filters.String("fault", "", "only those that the fault with this `id` hit")
	filters.String("since", "", "only those behind this `number`")
	filters.String("limit", "", "at most this `number`, the newest")
	cmd.Flags().AddFlagSet(filters)
	completes(cmd, "method", "GET", "POST", "PUT", "PATCH", "DELETE")
	completes(cmd, "status", "2xx", "4xx", "5xx", "0")
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on with each new one, as JSON a line each with --output json")
	return cmd
}

// followRequests shows what is kept and then each new request, until the
// simulator or the sandbox ends.
func followRequests(cmd *cobra.Command, client *controlClient, query url.Values) error {
	if !query.Has("since") {
		query.Set("since", "0")
	}
	query.Del("limit")
	show := func(data []byte) error {
		if client.output.value == "json" {
			_, err := cmd.OutOrStdout().Write(data)
			return err
		}
		var r control.Request
		if err := json.Unmarshal(data, &r); err != nil {
			return err
		}
		return printRequest(cmd.OutOrStdout(), r)
	}
	last, err := client.events(cmd.Context(), "/requests/stream?"+query.Encode(), query.Get("since"), show)
	for err == nil { // a reader that was too slow goes on where it was
		last, err = client.events(cmd.Context(), "/requests/stream?"+query.Encode(), last, show)
		if errors.As(err, new(*unreachableError)) {
			return nil // it has ended
		}
	}
	return err
}

func printRequest(out io.Writer, r control.Request) error {
	path := (&url.URL{Path: r.Path}).EscapedPath() // nothing that a terminal would obey
	if r.Query != "" {
		path += "?" + r.Query
	}
	line := fmt.Sprintf("%6d  %s  %3d  %-6s %s  %s", r.Number, shownTime(r.At), r.Status, r.Method, path, r.Took)
	if r.Fault != "" {
		line += "  fault " + r.Fault
	}
	if r.Hint != "" {
		line += "\n        hint: " + r.Hint
	}
	_, err := fmt.Fprintln(out, strings.TrimRight(line, " "))
	return err
}

func requestsClearCommand(client *controlClient) *cobra.Command {
	return &cobra.Command{
		Use:     "clear",
		Short:   "Forget the requests so far",
		Example: "  pictor-sim requests clear",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return client.do(cmd.Context(), http.MethodDelete, "/requests", nil, nil)
		},
	}
}
