package provider

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// GetOffer reads one offer.
type GetOffer struct{}

// Annotate describes the function.
func (g *GetOffer) Annotate(a infer.Annotator) {
	a.Describe(&g, "One offer, also when all of its GPUs are taken.")
}

// GetOfferArgs says which.
type GetOfferArgs struct {
	ID string `pulumi:"offerId"`
}

// Annotate describes the arguments.
func (g *GetOfferArgs) Annotate(a infer.Annotator) {
	a.Describe(&g.ID, "The offer's id.")
}

// Invoke asks the service.
func (*GetOffer) Invoke(ctx context.Context, req infer.FunctionRequest[GetOfferArgs]) (infer.FunctionResponse[Offer], error) {
	return ask(ctx, func(s *session) (Offer, error) {
		offer, err := s.api.GetOffer(ctx, pictor.ID(req.Input.ID))
		return offerOf(offer), err
	})
}
