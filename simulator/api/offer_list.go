package api

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// ListOffers filters and sorts the market.
func (handlers) ListOffers(ctx context.Context, r ListOffersRequestObject) (ListOffersResponseObject, error) {
	p := r.Params
	ceiling := wire.Credits(math.MaxInt64)
	if p.MaxPricePerHour != nil {
		var err error
		if ceiling, err = wire.ParseCredits(*p.MaxPricePerHour); err != nil {
			return nil, invalid(engine.Fields{"max_price_per_hour": {err.Error()}})
		}
	}
	wanted := func(o *engine.Offer) bool {
		return o.GPUsAvailable >= max(value(p.GpuCount), 1) &&
			(p.Os == nil || slices.Contains(o.OS, engine.OS(*p.Os))) &&
			(p.GpuModel == nil || strings.EqualFold(o.GPUModel, *p.GpuModel)) &&
			o.GPUVRAMGB >= value(p.MinVramGb) &&
			(p.Country == nil || strings.EqualFold(o.Host.Country, *p.Country)) &&
			wire.Credits(o.PricePerGPUHour) <= ceiling
	}
	page := new(wire.OfferPage)
	view(ctx, func(w *engine.World) {
		offers := w.Offers(wanted)
		if sort := value(p.Sort); sort != "" && sort != wire.ListOffersParamsSortPrice {
			slices.SortStableFunc(offers, byOfferSort(sort))
		}
		data, links, meta := paginate(ctx, offers, p.Page, p.PerPage)
		page.Data, page.Links, page.Meta = mapped(data, wireOffer), links, meta
	})
	return offersAnswer{page}, nil
}

// byOfferSort compares offers in the asked-for order; equal ones go by id, so
// that pages do not depend on anything else.
func byOfferSort(order wire.ListOffersParamsSort) func(a, b *engine.Offer) int {
	key, descending := strings.CutPrefix(string(order), "-")
	return func(a, b *engine.Offer) int {
		var n int
		switch key {
		case "reliability":
			n = cmp.Compare(a.Host.Reliability, b.Host.Reliability)
		case "vram":
			n = cmp.Compare(a.GPUVRAMGB, b.GPUVRAMGB)
		default:
			n = cmp.Compare(a.PricePerGPUHour, b.PricePerGPUHour)
		}
		if descending {
			n = -n
		}
		return cmp.Or(n, cmp.Compare(a.ID, b.ID))
	}
}
