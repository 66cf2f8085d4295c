package main

import (
	"fmt"
	"io"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
)

func creditsCommand() *cobra.Command {
	cmd, client := newControlCommand("credits", "Show the ledger of a sandbox and top its account up")
	cmd.AddCommand(
		&cobra.Command{
			Use:     "show",
			Short:   "Show the balance and every change of it",
			Example: "  pictor-sim credits show\n  pictor-sim credits show --output json",
			Args:    cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				var ledger control.Ledger
				if err := client.do(cmd.Context(), http.MethodGet, "/ledger", nil, &ledger); err != nil {
					return err
				}
				return client.show(cmd, ledger, func(out io.Writer) error { return printLedger(out, ledger) })
			},
		},
		creditsAddCommand(client),
	)
	return cmd
}

func printLedger(out io.Writer, ledger control.Ledger) error {
	table := newTable(out, "ID\tAT\tTYPE\tAMOUNT\tBALANCE\tDESCRIPTION")
	for _, e := range ledger.Entries {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", e.ID, shownTime(e.At), e.Type, e.Amount, e.BalanceAfter, e.Description)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "The balance is %s credits.\n", ledger.Balance)
	return err
}

func creditsAddCommand(client *controlClient) *cobra.Command {
	var description string
	cmd := &cobra.Command{
		Use:     "add AMOUNT",
		Short:   "Top the account up",
		Example: "  pictor-sim credits add 25.50",
		Args:    namedArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var entry control.Entry
			body := map[string]string{"amount": args[0], "description": description}
			if err := client.do(cmd.Context(), http.MethodPost, "/credits", body, &entry); err != nil {
				return err
			}
			return client.show(cmd, entry, func(out io.Writer) error {
				_, err := fmt.Fprintf(out, "The balance is %s credits.\n", entry.BalanceAfter)
				return err
			})
		},
	}
	refuseNegative(cmd, "must be above 0, such as 25.50")
	cmd.Flags().StringVar(&description, "description", "top-up", "what the ledger `says` of it")
	return cmd
}
