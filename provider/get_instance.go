package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// GetInstance reads an instance that something else manages.
type GetInstance struct{}

// Annotate describes the function.
func (g *GetInstance) Annotate(a infer.Annotator) {
	a.Describe(&g, "One instance of the account, by its id or by its name.")
}

// GetInstanceArgs says which.
type GetInstanceArgs struct {
	ID   *string `pulumi:"instanceId,optional"`
	Name *string `pulumi:"name,optional"`
}

// Annotate describes the arguments.
func (g *GetInstanceArgs) Annotate(a infer.Annotator) {
	a.Describe(&g.ID, "The instance's id. Give this or `name`.")
	a.Describe(&g.Name, "The instance's name. Give this or `instanceId`.")
}

// RentedInstance is an instance as the functions return it.
type RentedInstance struct {
	ID                   string     `pulumi:"instanceId"`
	Name                 string     `pulumi:"name"`
	Status               string     `pulumi:"status"`
	StatusReason         string     `pulumi:"statusReason"`
	OS                   string     `pulumi:"os"`
	OfferID              string     `pulumi:"offerId"`
	Host                 Host       `pulumi:"host"`
	GPUModel             string     `pulumi:"gpuModel"`
	GPUVRAMGB            int        `pulumi:"gpuVramGb"`
	GPUCount             int        `pulumi:"gpuCount"`
	VCPUs                int        `pulumi:"vcpus"`
	RAMGB                int        `pulumi:"ramGb"`
	StorageGB            int        `pulumi:"storageGb"`
	HourlyPrice          string     `pulumi:"hourlyPrice"`
	StoragePricePerMonth string     `pulumi:"storagePricePerMonth"`
	CostSoFar            string     `pulumi:"costSoFar"`
	RentalHours          int        `pulumi:"rentalHours"`
	ExtendedHours        int        `pulumi:"extendedHours"`
	AutoRenew            bool       `pulumi:"autoRenew"`
	SSHKeyIDs            []string   `pulumi:"sshKeyIds"`
	Connection           Connection `pulumi:"connection"`
	CreatedAt            string     `pulumi:"createdAt"`
	ExpiresAt            *string    `pulumi:"expiresAt,optional"`
}

// Annotate describes an instance.
func (r *RentedInstance) Annotate(a infer.Annotator) {
	a.Describe(&r, "A rented machine.")
	a.Describe(&r.ID, "The instance's id.")
	a.Describe(&r.Name, "Its name.")
	a.Describe(&r.Status, "Its status, such as `running`.")
	a.Describe(&r.StatusReason, "Why it has this status, where there is something to say.")
	a.Describe(&r.OS, "`linux` or `windows`.")
	a.Describe(&r.OfferID, "The offer it was rented from.")
	a.Describe(&r.Host, "The physical machine.")
	a.Describe(&r.GPUModel, "Model of its GPUs.")
	a.Describe(&r.GPUVRAMGB, "Memory of one GPU in GB.")
	a.Describe(&r.GPUCount, "How many GPUs it has.")
	a.Describe(&r.VCPUs, "Virtual CPU cores.")
	a.Describe(&r.RAMGB, "Main memory in GB.")
	a.Describe(&r.StorageGB, "Storage in GB.")
	a.Describe(&r.HourlyPrice, "Credits an hour for all GPUs together.")
	a.Describe(&r.StoragePricePerMonth, "Credits for the storage per month of 30 days.")
	a.Describe(&r.CostSoFar, "Credits charged for it so far.")
	a.Describe(&r.RentalHours, "The rental period in hours, which auto-renew repeats.")
	a.Describe(&r.ExtendedHours, "Hours added by extensions.")
	a.Describe(&r.AutoRenew, "Whether the rental renews itself.")
	a.Describe(&r.SSHKeyIDs, "SSH keys it lets in (Linux).")
	a.Describe(&r.Connection, "How to log in. Its fields are empty unless it is running.")
	a.Describe(&r.CreatedAt, "When it was rented (RFC 3339).")
	a.Describe(&r.ExpiresAt, "When the rental period ends or renews (RFC 3339). Absent while it stands still.")
}

// Invoke asks the service.
func (*GetInstance) Invoke(ctx context.Context, req infer.FunctionRequest[GetInstanceArgs]) (infer.FunctionResponse[RentedInstance], error) {
	id, name := value(req.Input.ID), value(req.Input.Name)
	if (id == "") == (name == "") {
		return infer.FunctionResponse[RentedInstance]{}, fmt.Errorf("getInstance takes either an instanceId or a name")
	}
	return ask(ctx, func(s *session) (RentedInstance, error) {
		if id != "" {
			inst, err := s.api.GetInstance(ctx, pictor.ID(id))
			return rentedInstanceOf(inst), err
		}
		inst, err := s.api.FindInstance(ctx, name)
		if err != nil {
			return RentedInstance{}, err
		}
		if inst == nil {
			return RentedInstance{}, fmt.Errorf("the account has no instance named %q", name)
		}
		return rentedInstanceOf(*inst), nil
	})
}

func rentedInstanceOf(i pictor.Instance) RentedInstance {
	r := RentedInstance{
		ID:                   string(i.Id),
		Name:                 i.Name,
		Status:               string(pictor.NormalStatus(i.Status)),
		StatusReason:         i.StatusReason,
		OS:                   string(i.Os),
		OfferID:              string(i.OfferId),
		Host:                 hostOf(i.Host),
		GPUModel:             i.GpuModel,
		GPUVRAMGB:            i.GpuVramGb,
		GPUCount:             i.GpuCount,
		VCPUs:                i.Vcpus,
		RAMGB:                i.RamGb,
		StorageGB:            i.StorageGb,
		HourlyPrice:          i.PricePerHour.String(),
		StoragePricePerMonth: i.StoragePricePerMonth.String(),
		CostSoFar:            i.CostSoFar.String(),
		RentalHours:          i.RentalHours,
		ExtendedHours:        i.ExtendedHours,
		AutoRenew:            i.AutoRenew,
		SSHKeyIDs:            each(i.SshKeyIds, func(id pictor.ID) string { return string(id) }),
		Connection:           connectionOf(i.Connection),
		CreatedAt:            i.CreatedAt.Format(time.RFC3339),
	}
	if i.ExpiresAt != nil {
		r.ExpiresAt = new(i.ExpiresAt.Format(time.RFC3339))
	}
	return r
}
