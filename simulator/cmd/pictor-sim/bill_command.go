package main

import (
	"fmt"
	"io"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
)

func billCommand() *cobra.Command {
	client := &controlClient{}
	cmd := &cobra.Command{
		Use:     "bill",
		Short:   "Show what was rented in a sandbox and would have cost, and what is still rented",
		Example: "  pictor-sim bill\n  pictor-sim bill --sandbox sbx_2 --output json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var bill control.Bill
			if err := client.do(cmd.Context(), http.MethodGet, "/bill", nil, &bill); err != nil {
				return err
			}
			return client.show(cmd, bill, func(out io.Writer) error {
				if len(bill.Items) == 0 {
					fmt.Fprintln(out, "  nothing was rented")
				}
				for _, item := range bill.Items {
					fmt.Fprintf(out, "  %12s  %s\n", item.Cost, item.Description)
				}
				for _, inst := range bill.StillRented {
					fmt.Fprintf(out, "  still rented: %s (%s), %s, %s an hour\n", inst.Name, inst.ID, inst.Status, inst.PricePerHour)
				}
				_, err := fmt.Fprintf(out, "  %12s  credits in all; %s are left\n", bill.Total, bill.Balance)
				return err
			})
		},
	}
	client.register(cmd)
	return cmd
}
