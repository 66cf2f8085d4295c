package fault

import (
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// HostDies lets the instance's host die, and with it everything on it.
type HostDies struct {
	// After is a duration of the sandbox's time; 0 is at once.
	After Duration `json:"after,omitempty"`
}

func (HostDies) kind() string { return "host_dies" }

func (h HostDies) check(bad engine.Fields) { h.After.between(bad, "after", 0, longestWait) }

// Strike sets the time of death.
func (h HostDies) Strike(w *engine.World, at Target) error {
	return w.KillHost(at.InstanceID, time.Duration(h.After))
}
