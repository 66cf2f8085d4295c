package pictor

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
)

// OfferFilter narrows the list of offers. A zero field matches everything.
type OfferFilter struct {
	OS              OS        // hosts that can run it
	GpuModel        string    // this model; upper and lower case are the same
	GpuCount        int       // hosts with at least this many free GPUs
	MinVramGb       int       // GPUs with at least this much memory each, in GB
	Country         string    // ISO 3166-1 alpha-2
	MaxPricePerHour Credits   // at most this for one GPU and hour
	Sort            OfferSort // empty: cheapest first
}

// ListOffers gives every offer that matches, from all pages, in the service's
// order. The filter is applied here too, because a service may ignore a
// parameter it does not know, and a price limit must hold all the same.
func (c *Client) ListOffers(ctx context.Context, filter OfferFilter) ([]Offer, error) {
	params := &wire.ListOffersParams{
		Os: given(filter.OS), GpuModel: given(filter.GpuModel), GpuCount: given(filter.GpuCount),
		MinVramGb: given(filter.MinVramGb), Country: given(filter.Country), Sort: given(filter.Sort),
		PerPage: given(perPage),
	}
	if filter.MaxPricePerHour != 0 {
		params.MaxPricePerHour = given(filter.MaxPricePerHour.String())
	}
	offers, err := listing[Offer]{
		call: call{operation: "list offers"},
		id:   func(o Offer) ID { return o.Id },
		build: func(page int) (*http.Request, error) {
			params.Page = &page
			return wire.NewListOffersRequest(c.server, params)
		},
	}.all(ctx, c)
	return slices.DeleteFunc(offers, func(o Offer) bool { return !filter.matches(o) }), err
}

func (f OfferFilter) matches(o Offer) bool {
	runs := func(os OS) bool { return strings.EqualFold(string(os), string(f.OS)) }
	return (f.OS == "" || slices.ContainsFunc(o.Os, runs)) &&
		(f.GpuModel == "" || strings.EqualFold(f.GpuModel, o.GpuModel)) &&
		o.GpusAvailable >= f.GpuCount &&
		o.GpuVramGb >= f.MinVramGb &&
		(f.Country == "" || strings.EqualFold(f.Country, o.Host.Country)) &&
		(f.MaxPricePerHour == 0 || o.PricePerGpuHour <= f.MaxPricePerHour)
}

// GetOffer gives one offer, also when all of its GPUs are taken.
func (c *Client) GetOffer(ctx context.Context, id ID) (Offer, error) {
	call := call{operation: "read offer " + string(id)}
	if err := usable(call, id); err != nil {
		return Offer{}, err
	}
	request, err := wire.NewGetOfferRequest(c.server, string(id))
	return object(ctx, c, call, func(o Offer) bool { return o.Id != "" }, request, err)
}

// Quote prices a rental. It is a read, although it travels as a POST, and is
// sent again like one.
func (c *Client) Quote(ctx context.Context, spec QuoteRequest) (Quote, error) {
	call := call{operation: "quote offer " + string(spec.OfferId)}
	request, err := wire.NewQuoteInstanceRequest(c.server, spec)
	return object(ctx, c, call, func(q Quote) bool { return q.OfferId != "" }, request, err)
}

// given gives a pointer to a value, or nil for the zero value.
func given[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}
