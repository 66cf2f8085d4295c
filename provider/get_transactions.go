package provider

import (
	"context"
	"time"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// GetTransactions lists what changed the balance.
type GetTransactions struct{}

// Annotate describes the function.
func (g *GetTransactions) Annotate(a infer.Annotator) {
	a.Describe(&g, "What changed the account's balance, the newest first.")
}

// GetTransactionsArgs is the filter.
type GetTransactionsArgs struct {
	Type *string `pulumi:"type,optional"`
}

// Annotate describes the filter.
func (g *GetTransactionsArgs) Annotate(a infer.Annotator) {
	a.Describe(&g.Type, "Only `payment`, `charge`, `promotion`, `refund` or `adjustment`.")
}

// GetTransactionsResult is what GetTransactions returns.
type GetTransactionsResult struct {
	Transactions []Transaction `pulumi:"transactions"`
}

// Annotate describes the result.
func (g *GetTransactionsResult) Annotate(a infer.Annotator) {
	a.Describe(&g.Transactions, "The transactions, the newest first.")
}

// Transaction is one change of the balance.
type Transaction struct {
	ID           string  `pulumi:"transactionId"`
	Type         string  `pulumi:"type"`
	Amount       string  `pulumi:"amount"`
	BalanceAfter string  `pulumi:"balanceAfter"`
	Description  string  `pulumi:"description"`
	InstanceID   *string `pulumi:"instanceId,optional"`
	CreatedAt    string  `pulumi:"createdAt"`
}

// Annotate describes a transaction.
func (t *Transaction) Annotate(a infer.Annotator) {
	a.Describe(&t, "One change of the balance.")
	a.Describe(&t.ID, "The transaction's id.")
	a.Describe(&t.Type, "`payment`, `charge`, `promotion`, `refund` or `adjustment`.")
	a.Describe(&t.Amount, "Credits; below zero when something was charged.")
	a.Describe(&t.BalanceAfter, "The balance right after it.")
	a.Describe(&t.Description, "What it was for.")
	a.Describe(&t.InstanceID, "The instance it belongs to, if any.")
	a.Describe(&t.CreatedAt, "When it happened (RFC 3339).")
}

// Invoke asks the service.
func (*GetTransactions) Invoke(ctx context.Context, req infer.FunctionRequest[GetTransactionsArgs]) (infer.FunctionResponse[GetTransactionsResult], error) {
	return ask(ctx, func(s *session) (GetTransactionsResult, error) {
		list, err := s.api.ListTransactions(ctx, pictor.TransactionFilter{Type: pictor.TransactionType(value(req.Input.Type))})
		return GetTransactionsResult{Transactions: each(list, transactionOf)}, err
	})
}

func transactionOf(t pictor.Transaction) Transaction {
	out := Transaction{
		ID: string(t.Id), Type: string(t.Type), Amount: t.Amount.String(), BalanceAfter: t.BalanceAfter.String(),
		Description: t.Description, CreatedAt: t.CreatedAt.Format(time.RFC3339),
	}
	if t.InstanceId != nil {
		out.InstanceID = new(string(*t.InstanceId))
	}
	return out
}
