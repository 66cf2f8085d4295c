package provider

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// GetOffers lists the market.
type GetOffers struct{}

// Annotate describes the function.
func (g *GetOffers) Annotate(a infer.Annotator) {
	a.Describe(&g, "The GPU machines that can be rented now, the cheapest first. What is left out matches everything.")
}

// GetOffersArgs are the filters.
type GetOffersArgs struct {
	OS                 *string `pulumi:"os,optional"`
	GPUModel           *string `pulumi:"gpuModel,optional"`
	GPUCount           *int    `pulumi:"gpuCount,optional"`
	MinVRAMGB          *int    `pulumi:"minVramGb,optional"`
	Country            *string `pulumi:"country,optional"`
	MaxPricePerGPUHour *string `pulumi:"maxPricePerGpuHour,optional"`
}

// Annotate describes the filters.
func (g *GetOffersArgs) Annotate(a infer.Annotator) {
	a.Describe(&g.OS, "Only hosts that run `linux` or `windows`.")
	a.Describe(&g.GPUModel, "Only this GPU model, such as `RTX 4090`.")
	a.Describe(&g.GPUCount, "Only hosts with at least this many free GPUs.")
	a.Describe(&g.MinVRAMGB, "Only GPUs with at least this much memory each, in GB.")
	a.Describe(&g.Country, "Only hosts in this country (ISO 3166-1 alpha-2).")
	a.Describe(&g.MaxPricePerGPUHour, "Only offers at this price for one GPU and hour at most, in credits, as a decimal string.")
}

// GetOffersResult is what GetOffers returns.
type GetOffersResult struct {
	Offers []Offer `pulumi:"offers"`
}

// Annotate describes the result.
func (g *GetOffersResult) Annotate(a infer.Annotator) {
	a.Describe(&g.Offers, "The offers, the cheapest first.")
}

// Offer is a host of the market and what one of its GPUs costs.
type Offer struct {
	ID                     string   `pulumi:"offerId"`
	Host                   Host     `pulumi:"host"`
	GPUModel               string   `pulumi:"gpuModel"`
	GPUVRAMGB              int      `pulumi:"gpuVramGb"`
	GPUsTotal              int      `pulumi:"gpusTotal"`
	GPUsAvailable          int      `pulumi:"gpusAvailable"`
	VCPUsPerGPU            int      `pulumi:"vcpusPerGpu"`
	RAMGBPerGPU            int      `pulumi:"ramGbPerGpu"`
	DiskAvailableGB        int      `pulumi:"diskAvailableGb"`
	BandwidthMbps          int      `pulumi:"bandwidthMbps"`
	OS                     []string `pulumi:"os"`
	PricePerGPUHour        string   `pulumi:"pricePerGpuHour"`
	StoragePricePerGBMonth string   `pulumi:"storagePricePerGbMonth"`
}

// Annotate describes an offer.
func (o *Offer) Annotate(a infer.Annotator) {
	a.Describe(&o, "A host of the market and what one of its GPUs costs.")
	a.Describe(&o.ID, "The offer's id; rent from it with `offerId`.")
	a.Describe(&o.Host, "The physical machine.")
	a.Describe(&o.GPUModel, "Model of its GPUs.")
	a.Describe(&o.GPUVRAMGB, "Memory of one GPU in GB.")
	a.Describe(&o.GPUsTotal, "GPUs in the host.")
	a.Describe(&o.GPUsAvailable, "GPUs that are free now.")
	a.Describe(&o.VCPUsPerGPU, "Virtual CPU cores that come with each GPU.")
	a.Describe(&o.RAMGBPerGPU, "Main memory in GB that comes with each GPU.")
	a.Describe(&o.DiskAvailableGB, "Storage in GB that can still be taken.")
	a.Describe(&o.BandwidthMbps, "Network bandwidth in Mbit/s.")
	a.Describe(&o.OS, "Operating systems it runs.")
	a.Describe(&o.PricePerGPUHour, "Credits for one GPU and hour.")
	a.Describe(&o.StoragePricePerGBMonth, "Credits for one GB of storage and month of 30 days.")
}

// Invoke asks the service.
func (*GetOffers) Invoke(ctx context.Context, req infer.FunctionRequest[GetOffersArgs]) (infer.FunctionResponse[GetOffersResult], error) {
	in := req.Input
	filter := pictor.OfferFilter{
		OS:        pictor.OS(value(in.OS)),
		GpuModel:  value(in.GPUModel),
		GpuCount:  value(in.GPUCount),
		MinVramGb: value(in.MinVRAMGB),
		Country:   value(in.Country),
	}
	if in.MaxPricePerGPUHour != nil {
		price, err := pictor.ParseCredits(*in.MaxPricePerGPUHour)
		if err != nil {
			return infer.FunctionResponse[GetOffersResult]{}, badArgument("maxPricePerGpuHour", err)
		}
		filter.MaxPricePerHour = price
	}
	return ask(ctx, func(s *session) (GetOffersResult, error) {
		offers, err := s.api.ListOffers(ctx, filter)
		return GetOffersResult{Offers: each(offers, offerOf)}, err
	})
}

func offerOf(o pictor.Offer) Offer {
	return Offer{
		ID:                     string(o.Id),
		Host:                   hostOf(o.Host),
		GPUModel:               o.GpuModel,
		GPUVRAMGB:              o.GpuVramGb,
		GPUsTotal:              o.GpusTotal,
		GPUsAvailable:          o.GpusAvailable,
		VCPUsPerGPU:            o.VcpusPerGpu,
		RAMGBPerGPU:            o.RamGbPerGpu,
		DiskAvailableGB:        o.DiskAvailableGb,
		BandwidthMbps:          o.BandwidthMbps,
		OS:                     each(o.Os, func(os pictor.OS) string { return string(os) }),
		PricePerGPUHour:        o.PricePerGpuHour.String(),
		StoragePricePerGBMonth: o.StoragePricePerGbMonth.String(),
	}
}
