package api

import (
	"fmt"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// The engine's types as they travel.

func wireHost(h engine.Host) wire.Host {
	return wire.Host{Id: wire.ID(h.ID), Name: h.Name, Country: h.Country, City: h.City, Reliability: h.Reliability}
}

func wireOffer(o *engine.Offer) wire.Offer {
	return wire.Offer{
		Id:                     wire.ID(o.ID),
		Host:                   wireHost(value(o.Host)),
		GpuModel:               o.GPUModel,
		GpuVramGb:              o.GPUVRAMGB,
		GpusTotal:              o.GPUsTotal,
		GpusAvailable:          o.GPUsAvailable,
		VcpusPerGpu:            o.VCPUsPerGPU,
		RamGbPerGpu:            o.RAMGBPerGPU,
		DiskAvailableGb:        o.DiskAvailableGB,
		BandwidthMbps:          o.BandwidthMbps,
		Os:                     mapped(o.OS, func(os engine.OS) wire.OS { return wire.OS(os) }),
		PricePerGpuHour:        wire.Credits(o.PricePerGPUHour),
		StoragePricePerGbMonth: wire.Credits(engine.StoragePricePerGBMonth),
	}
}

func wireInstance(i *engine.Instance, now time.Time) wire.Instance {
	out := wire.Instance{
		Id:                   wire.ID(i.ID),
		Name:                 i.Name,
		Status:               wire.InstanceStatus(i.Status),
		StatusReason:         i.StatusReason,
		Os:                   wire.OS(i.OS),
		OfferId:              wire.ID(i.OfferID),
		Host:                 wireHost(value(i.Host)),
		GpuModel:             i.GPUModel,
		GpuVramGb:            i.GPUVRAMGB,
		GpuCount:             i.GPUCount,
		Vcpus:                i.VCPUs,
		RamGb:                i.RAMGB,
		StorageGb:            i.StorageGB,
		PricePerHour:         wire.Credits(i.PricePerHour),
		StoragePricePerMonth: wire.Credits(engine.StoragePricePerGBMonth) * wire.Credits(i.StorageGB),
		CostSoFar:            wire.Credits(i.CostSoFar),
		RentalHours:          i.RentalHours,
		ExtendedHours:        i.ExtendedHours,
		AutoRenew:            i.AutoRenew,
		SshKeyIds:            mapped(i.SSHKeyIDs, func(id string) wire.ID { return wire.ID(id) }),
		Connection:           connection(i),
		RemainingSeconds:     int64(i.Remaining(now) / time.Second),
		CreatedAt:            i.CreatedAt,
	}
	if !i.ExpiresAt.IsZero() {
		expires := i.ExpiresAt // the instance may change
		out.ExpiresAt = &expires
	}
	return out
}

// connection is how to log in to an instance, nil unless it runs.
func connection(i *engine.Instance) *wire.Connection {
	switch {
	case i.Address == "":
		return nil
	case i.OS == engine.Windows:
		return &wire.Connection{
			Protocol: wire.ConnectionProtocolRdp, Host: i.Address, Port: 3389, Username: "user",
			Command: "mstsc /v:" + i.Address,
		}
	default:
		return &wire.Connection{
			Protocol: wire.ConnectionProtocolSsh, Host: i.Address, Port: 22, Username: "root",
			Command: fmt.Sprintf("ssh root@%s", i.Address),
		}
	}
}

func wireSSHKey(k engine.SSHKey) wire.SshKey {
	return wire.SshKey{Id: wire.ID(k.ID), Name: k.Name, PublicKey: k.PublicKey, Fingerprint: k.Fingerprint, CreatedAt: k.CreatedAt}
}

func wireTransaction(e engine.Entry, id string) wire.Transaction {
	t := wire.Transaction{
		Id:           wire.ID(id),
		Type:         wire.TransactionType(e.Type),
		Amount:       wire.Credits(e.Amount),
		BalanceAfter: wire.Credits(e.BalanceAfter),
		Description:  e.Description,
		CreatedAt:    e.At,
	}
	if e.InstanceID != "" {
		id := wire.ID(e.InstanceID)
		t.InstanceId = &id
	}
	return t
}

// ids are the identifiers of a list as the engine has them.
func ids(list *[]wire.ID) []string {
	if list == nil {
		return nil
	}
	return mapped(*list, func(id wire.ID) string { return string(id) })
}

// value is what p points to, or the zero value.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
