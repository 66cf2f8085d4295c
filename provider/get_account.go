package provider

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"
)

// GetAccount reads the account.
type GetAccount struct{}

// Annotate describes the function.
func (g *GetAccount) Annotate(a infer.Annotator) {
	a.Describe(&g, "Whom the API key belongs to and how many credits are left.")
}

// GetAccountArgs is empty.
type GetAccountArgs struct{}

// GetAccountResult is the account.
type GetAccountResult struct {
	ID           string `pulumi:"accountId"`
	Name         string `pulumi:"name"`
	Email        string `pulumi:"email"`
	Balance      string `pulumi:"balance"`
	SpendPerHour string `pulumi:"spendPerHour"`
}

// Annotate describes the result.
func (g *GetAccountResult) Annotate(a infer.Annotator) {
	a.Describe(&g.ID, "The account's id.")
	a.Describe(&g.Name, "The owner's name.")
	a.Describe(&g.Email, "The owner's address.")
	a.Describe(&g.Balance, "Credits left (1 credit = 1 USD).")
	a.Describe(&g.SpendPerHour, "Credits an hour that the instances with a running rental period cost, without storage.")
}

// Invoke asks the service.
func (*GetAccount) Invoke(ctx context.Context, _ infer.FunctionRequest[GetAccountArgs]) (infer.FunctionResponse[GetAccountResult], error) {
	return ask(ctx, func(s *session) (GetAccountResult, error) {
		account, err := s.api.GetAccount(ctx)
		return GetAccountResult{
			ID: string(account.Id), Name: account.Name, Email: account.Email,
			Balance: account.Balance.String(), SpendPerHour: account.SpendPerHour.String(),
		}, err
	})
}
