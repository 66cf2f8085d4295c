package api

import (
	"context"
	"slices"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// ListTransactions lists what changed the balance, newest first.
func (handlers) ListTransactions(ctx context.Context, r ListTransactionsRequestObject) (ListTransactionsResponseObject, error) {
	p := partOf(ctx, r.Params.Page, r.Params.PerPage)
	data, total := []wire.Transaction{}, 0
	view(ctx, func(w *engine.World) {
		for _, e := range slices.Backward(w.Ledger()) {
			if r.Params.Type != nil && string(*r.Params.Type) != string(e.Type) {
				continue
			}
			if total++; total > p.offset && len(data) < p.size {
				data = append(data, wireTransaction(e, w.EntryID(e)))
			}
		}
	})
	links, meta := p.links(ctx, total)
	return ListTransactions200JSONResponse{Data: data, Links: links, Meta: meta}, nil
}
