package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/spf13/cobra"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
)

func snapshotCommand() *cobra.Command {
	cmd, client := newControlCommand("snapshot", "Save a sandbox to a file and make it what a file says")
	cmd.Long = `A snapshot is a whole sandbox as one JSON document: market, machines, ledger, clock
and faults. Secrets of API keys and the journal of requests are not in it.`
	cmd.AddCommand(snapshotSaveCommand(client), snapshotRestoreCommand(client))
	return cmd
}

func snapshotSaveCommand(client *controlClient) *cobra.Command {
	return &cobra.Command{
		Use:     "save FILE",
		Short:   "Save a sandbox to a file; - is standard output",
		Example: "  pictor-sim snapshot save before.json\n  pictor-sim snapshot save - | jq .world.instances",
		Args:    namedArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var document []byte
			if err := client.wait(cmd.Context(), http.MethodGet, "/snapshot", nil, &document); err != nil {
				return err
			}
			if args[0] == "-" {
				_, err := cmd.OutOrStdout().Write(document)
				return err
			}
			if err := os.WriteFile(args[0], document, 0o600); err != nil {
				return fmt.Errorf("cannot save the snapshot: %w", err)
			}
			return nil
		},
	}
}

func snapshotRestoreCommand(client *controlClient) *cobra.Command {
	var fresh bool
	var name string
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Make a sandbox what a file says, or a new one of it; - is standard input",
		Example: `  pictor-sim snapshot restore before.json
  pictor-sim snapshot restore before.json --new --name again`,
		Args: namedArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if name != "" && !fresh {
				return fmt.Errorf("%s is of the new sandbox that --new makes; without it the sandbox that there is becomes what the file says", source(cmd.Flags(), "name"))
			}
			document, err := readDocument(cmd, args[0])
			if err != nil {
				return err
			}
			if fresh {
				return client.made(cmd, "/sandboxes", map[string]any{"snapshot": json.RawMessage(document), "name": optional(name)})
			}
			var s control.Sandbox
			if err := client.wait(cmd.Context(), http.MethodPut, "/snapshot", document, &s); err != nil {
				return err
			}
			return client.show(cmd, s, func(out io.Writer) error {
				_, err := fmt.Fprintf(out, "Sandbox %s is as it was at %s.\n", called(s), shownTime(s.Now))
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&fresh, "new", false, "make a new sandbox of it, with an API key of its own")
	cmd.Flags().StringVar(&name, "name", "", "`name` of the new sandbox (default the same)")
	return cmd
}

// readDocument reads a file, or standard input, that must be JSON.
func readDocument(cmd *cobra.Command, path string) (document []byte, err error) {
	if path == "-" {
		document, err = io.ReadAll(cmd.InOrStdin())
	} else {
		document, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the snapshot: %w", err)
	}
	if !json.Valid(document) {
		return nil, fmt.Errorf("%s is no snapshot: it is not JSON", path)
	}
	return document, nil
}
