package api

import (
	"context"
	"fmt"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// GetInvoice writes the invoice of a transaction.
func (handlers) GetInvoice(ctx context.Context, r GetInvoiceRequestObject) (GetInvoiceResponseObject, error) {
	var entry engine.Entry
	var owner engine.Account
	var id string
	var err error
	view(ctx, func(w *engine.World) {
		owner = w.Account()
		entry, err = w.Entry(r.TransactionId)
		id = w.EntryID(entry)
	})
	if err != nil {
		return nil, err
	}
	return GetInvoice200TextResponse(fmt.Sprintf(`Invoice %s

Date         %s
Billed to    %s <%s>
Type         %s
For          %s
Amount       %s credits
Balance      %s credits

1 credit = 1 USD. Made by a simulator; nothing was paid.
`, id, entry.At.Format(time.RFC3339), owner.Name, owner.Email, entry.Type, entry.Description,
		wire.Credits(entry.Amount), wire.Credits(entry.BalanceAfter))), nil
}
