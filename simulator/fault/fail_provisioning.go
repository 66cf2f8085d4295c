package fault

import (
	"cmp"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// FailProvisioning lets the instance end in an error instead of beginning to run.
type FailProvisioning struct {
	// Reason is what the service says of it; empty means a host that did not boot.
	Reason string `json:"reason,omitempty"`
}

func (FailProvisioning) kind() string { return "fail_provisioning" }

// Strike dooms the instance.
func (f FailProvisioning) Strike(w *engine.World, at Target) error {
	return w.FailProvisioning(at.InstanceID, cmp.Or(f.Reason, "the host did not boot the machine"))
}
