package fault

import "github.com/pulumi-pictor/pulumi-pictor/simulator/engine"

// Stale lets a read be answered from the world as it was some changes ago, as a
// replica that lags behind would. It knows of the changes that were made since
// it was put into force.
type Stale struct {
	// Behind is how many changes ago; 0 means one.
	Behind int `json:"behind,omitempty"`
}

// mostBehind bounds how many worlds are kept.
const mostBehind = 1000

func (Stale) kind() string { return "stale" }

func (s Stale) check(bad engine.Fields) {
	if s.Behind < 0 || s.Behind > mostBehind {
		bad.Add("behind", "must be 1 to %d", mostBehind)
	}
}

// Changes is how many changes ago.
func (s Stale) Changes() int { return max(s.Behind, 1) }
