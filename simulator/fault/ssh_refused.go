package fault

import (
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// SSHRefused lets the instance refuse SSH for a time after it has begun to run.
type SSHRefused struct {
	// For is a duration of the sandbox's time.
	For Duration `json:"for"`
}

func (SSHRefused) kind() string { return "ssh_refused" }

func (s SSHRefused) check(bad engine.Fields) {
	s.For.between(bad, "for", time.Millisecond, longestWait)
}

// Strike sets the time.
func (s SSHRefused) Strike(w *engine.World, at Target) error {
	return w.DelaySSH(at.InstanceID, time.Duration(s.For))
}
