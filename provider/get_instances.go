package provider

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// GetInstances lists what the account rents.
type GetInstances struct{}

// Annotate describes the function.
func (g *GetInstances) Annotate(a infer.Annotator) {
	a.Describe(&g, "Every instance of the account that has not been completely deleted, the oldest first.")
}

// GetInstancesArgs is the filter.
type GetInstancesArgs struct {
	Status *string `pulumi:"status,optional"`
}

// Annotate describes the filter.
func (g *GetInstancesArgs) Annotate(a infer.Annotator) {
	a.Describe(&g.Status, "Only instances with this status, such as `running`.")
}

// GetInstancesResult is what GetInstances returns.
type GetInstancesResult struct {
	Instances []RentedInstance `pulumi:"instances"`
}

// Annotate describes the result.
func (g *GetInstancesResult) Annotate(a infer.Annotator) {
	a.Describe(&g.Instances, "The instances, the oldest first.")
}

// Invoke asks the service.
func (*GetInstances) Invoke(ctx context.Context, req infer.FunctionRequest[GetInstancesArgs]) (infer.FunctionResponse[GetInstancesResult], error) {
	return ask(ctx, func(s *session) (GetInstancesResult, error) {
		instances, err := s.api.ListInstances(ctx, pictor.InstanceFilter{Status: pictor.InstanceStatus(value(req.Input.Status))})
		return GetInstancesResult{Instances: each(instances, rentedInstanceOf)}, err
	})
}
