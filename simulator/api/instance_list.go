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
	var data []wire.Instance
	var seen []string
	total := 0
	view(ctx, func(w *engine.World) {
		var page []engine.Instance
		page, total = w.ListInstances(filter, p.offset, p.size)
		data = mapped(page, func(i engine.Instance) wire.Instance { return wireInstance(i, w.Now()) })
		seen = mapped(page, func(i engine.Instance) string { return i.ID })
	})
	for i := range data {
		showLogin(ctx, &data[i])
	}
	if err := sandboxOf(ctx).Observed(seen...); err != nil {
		return nil, err
	}
	links, meta := p.links(ctx, total)
	return ListInstances200JSONResponse{Data: data, Links: links, Meta: meta}, nil
}
