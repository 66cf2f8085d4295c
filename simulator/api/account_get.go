package api

import (
	"context"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// GetAccount shows the owner of the API key and the balance.
func (handlers) GetAccount(ctx context.Context, _ GetAccountRequestObject) (GetAccountResponseObject, error) {
	var out GetAccount200JSONResponse
	view(ctx, func(w *engine.World) {
		a := w.Account()
		out = GetAccount200JSONResponse{
			Id:           wire.ID(a.ID),
			Name:         a.Name,
			Email:        a.Email,
			Balance:      wire.Credits(w.Balance()),
			SpendPerHour: wire.Credits(w.SpendPerHour()),
		}
	})
	return out, nil
}
