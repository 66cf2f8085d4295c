package api

import (
	"context"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// ListInstances lists what the account rents.
func (handlers) ListInstances(ctx context.Context, r ListInstancesRequestObject) (ListInstancesResponseObject, error) {
	p := r.Params
	var found []engine.Instance
	var now time.Time
	sandboxOf(ctx).View(func(w *engine.World) {
		now = w.Now()
		found = w.Instances(func(i *engine.Instance) bool {
			return (p.Name == nil || i.Name == *p.Name) && (p.Status == nil || string(i.Status) == string(*p.Status))
		})
	})
	data, links, meta := paginate(ctx, found, p.Page, p.PerPage)
	sandboxOf(ctx).Observed(mapped(data, func(i engine.Instance) string { return i.ID })...)
	return ListInstances200JSONResponse{
		Data:  mapped(data, func(i engine.Instance) wire.Instance { return wireInstance(i, now) }),
		Links: links,
		Meta:  meta,
	}, nil
}
