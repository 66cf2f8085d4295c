package api

import (
	"context"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// ListInstances lists what the account rents.
func (handlers) ListInstances(ctx context.Context, r ListInstancesRequestObject) (ListInstancesResponseObject, error) {
	filter := engine.InstanceFilter{Name: r.Params.Name, Status: (*engine.Status)(r.Params.Status)}
	p := partOf(ctx, r.Params.Page, r.Params.PerPage)
	page := &wire.InstancePage{Data: make([]wire.Instance, 0, min(p.size, maxPerPage))}
	total, moves := 0, false // moves is whether being read moves the clock
	view(ctx, func(w *engine.World) {
		moves = w.Clock().Polls > 0
		total = w.ListInstances(filter, p.offset, p.size, func(i *engine.Instance) {
			page.Data = append(page.Data, wireInstance(i, w.Now()))
		})
	})
	for i := range page.Data {
		showLogin(ctx, &page.Data[i])
	}
	if moves {
		seen := mapped(page.Data, func(i wire.Instance) string { return string(i.Id) })
		if err := from(ctx).Observed(seen...); err != nil {
			return nil, err
		}
	}
	page.Links, page.Meta = p.links(ctx, total)
	return instancesAnswer{page}, nil
}
