package pictor

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
)

// GetAccount says whom the API key belongs to and how many credits are left.
func (c *Client) GetAccount(ctx context.Context) (Account, error) {
	request, err := wire.NewGetAccountRequest(c.server)
	return object(ctx, c, call{operation: "read account"}, func(a Account) bool { return a.Id != "" }, request, err)
}

// TransactionFilter narrows the list of transactions. A zero field matches everything.
type TransactionFilter struct {
	Type TransactionType
}

// ListTransactions gives what changed the balance, newest first, from all
// pages. One that is written while the list is read may be missing.
func (c *Client) ListTransactions(ctx context.Context, filter TransactionFilter) ([]Transaction, error) {
	transactions, err := listing[Transaction]{
		call: call{operation: "list transactions"},
		id:   func(t Transaction) ID { return t.Id },
		build: func(page int) (*http.Request, error) {
			return wire.NewListTransactionsRequest(c.server, &wire.ListTransactionsParams{
				Type: given(filter.Type), Page: &page, PerPage: given(perPage),
			})
		},
	}.all(ctx, c)
	return slices.DeleteFunc(transactions, func(t Transaction) bool {
		return filter.Type != "" && !strings.EqualFold(string(t.Type), string(filter.Type))
	}), err
}

// GetInvoice gives the invoice of a transaction, as the text that the service
// sends. That it is text is inferred.
func (c *Client) GetInvoice(ctx context.Context, id ID) (string, error) {
	call := call{operation: "read invoice of transaction " + string(id)}
	if err := usable(call, id); err != nil {
		return "", err
	}
	var invoice string
	call.accept = func(body []byte) error {
		if len(body) == 0 {
			return errEmpty
		}
		invoice = string(body)
		return nil
	}
	request, err := wire.NewGetInvoiceRequest(c.server, string(id))
	err = c.exchange(ctx, call, request, err)
	return invoice, err
}
