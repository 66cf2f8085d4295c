package api

import (
	"context"
	"slices"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// ListTransactions lists what changed the balance, newest first.
func (handlers) ListTransactions(ctx context.Context, r ListTransactionsRequestObject) (ListTransactionsResponseObject, error) {
	var entries []engine.Entry
	sandboxOf(ctx).View(func(w *engine.World) {
		for _, e := range slices.Backward(w.Ledger()) {
			if r.Params.Type == nil || string(*r.Params.Type) == string(e.Type) {
				entries = append(entries, e)
			}
		}
	})
	data, links, meta := paginate(ctx, entries, r.Params.Page, r.Params.PerPage)
	return ListTransactions200JSONResponse{Data: mapped(data, wireTransaction), Links: links, Meta: meta}, nil
}
