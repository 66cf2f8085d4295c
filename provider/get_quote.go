package provider

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// GetQuote prices a rental.
type GetQuote struct{}

// Annotate describes the function.
func (g *GetQuote) Annotate(a infer.Annotator) {
	a.Describe(&g, "What renting from an offer would cost. Rents nothing.")
}

// GetQuoteArgs is what would be rented.
type GetQuoteArgs struct {
	OfferID     string  `pulumi:"offerId"`
	OS          *string `pulumi:"os,optional"`
	GPUCount    *int    `pulumi:"gpuCount,optional"`
	StorageGB   *int    `pulumi:"storageGb,optional"`
	RentalHours int     `pulumi:"rentalHours"`
}

// Annotate describes the arguments; the defaults are an Instance's.
func (g *GetQuoteArgs) Annotate(a infer.Annotator) {
	a.Describe(&g.OfferID, "The offer to rent from.")
	a.Describe(&g.OS, "`linux` or `windows`.")
	a.SetDefault(&g.OS, "linux")
	a.Describe(&g.GPUCount, "Number of GPUs, 1 to 16.")
	a.SetDefault(&g.GPUCount, 1)
	a.Describe(&g.StorageGB, "Storage in GB, 10 to 65536.")
	a.SetDefault(&g.StorageGB, 50)
	a.Describe(&g.RentalHours, "Rental period in whole hours, 1 to 8760.")
}

// GetQuoteResult is the price.
type GetQuoteResult struct {
	Available            bool   `pulumi:"available"`
	Affordable           bool   `pulumi:"affordable"`
	HourlyPrice          string `pulumi:"hourlyPrice"`
	PrepaidTotal         string `pulumi:"prepaidTotal"`
	StoragePricePerMonth string `pulumi:"storagePricePerMonth"`
	Balance              string `pulumi:"balance"`
}

// Annotate describes the result.
func (g *GetQuoteResult) Annotate(a infer.Annotator) {
	a.Describe(&g.Available, "Whether the host has the GPUs and the storage free now.")
	a.Describe(&g.Affordable, "Whether the balance carries `prepaidTotal`.")
	a.Describe(&g.HourlyPrice, "Credits an hour for all GPUs together.")
	a.Describe(&g.PrepaidTotal, "Credits charged at once for the rental period.")
	a.Describe(&g.StoragePricePerMonth, "Credits for the storage per month of 30 days, charged as it is used.")
	a.Describe(&g.Balance, "Credits the account has now.")
}

// Invoke asks the service.
func (*GetQuote) Invoke(ctx context.Context, req infer.FunctionRequest[GetQuoteArgs]) (infer.FunctionResponse[GetQuoteResult], error) {
	in := req.Input
	return ask(ctx, func(s *session) (GetQuoteResult, error) {
		q, err := s.api.Quote(ctx, pictor.QuoteRequest{
			OfferId:     pictor.ID(in.OfferID),
			Os:          pictor.OS(value(in.OS)),
			GpuCount:    value(in.GPUCount),
			StorageGb:   value(in.StorageGB),
			RentalHours: in.RentalHours,
		})
		return GetQuoteResult{
			Available:            q.Available,
			Affordable:           q.Affordable,
			HourlyPrice:          q.PricePerHour.String(),
			PrepaidTotal:         q.PrepaidTotal.String(),
			StoragePricePerMonth: q.StoragePricePerMonth.String(),
			Balance:              q.Balance.String(),
		}, err
	})
}
