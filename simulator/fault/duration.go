package fault

import (
	"fmt"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// Duration is a time.Duration that is written "1m30s".
type Duration time.Duration

// MarshalText writes it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads it.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is no duration: write 500ms, 30s or 10m", text)
	}
	*d = Duration(parsed)
	return nil
}

// between notes a duration that is out of bounds.
func (d Duration) between(bad engine.Fields, field string, least, most time.Duration) {
	if time.Duration(d) < least || time.Duration(d) > most {
		bad.Add(field, "must be %s to %s", least, most)
	}
}

const (
	// longestHold bounds how long a request is held up, in wall-clock time: as
	// long as the server may take for an answer.
	longestHold = time.Minute
	// longestWait bounds what is to happen later in a sandbox's time: ten years.
	longestWait = 10 * 365 * 24 * time.Hour
)
