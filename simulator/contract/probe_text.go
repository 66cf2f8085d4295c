package contract

import (
	"fmt"
	"io"
	"strings"
)

// WriteText writes the report for people.
func (r ProbeReport) WriteText(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d reads were sent to %s.\n\n", r.Requests, r.Endpoint)
	for _, c := range r.Checks {
		switch {
		case c.Skipped != "":
			fmt.Fprintf(&b, "skipped  %s (%s): %s\n", c.Request, c.Why, c.Skipped)
		case len(c.Differences) == 0:
			fmt.Fprintf(&b, "same     %s (%s)\n", c.Request, c.Why)
		default:
			fmt.Fprintf(&b, "differs  %s (%s)\n", c.Request, c.Why)
		}
		for _, d := range c.Differences {
			fmt.Fprintf(&b, "           %s %s", d.Path, d.Reason)
			if d.Times > 1 {
				fmt.Fprintf(&b, ", %d times", d.Times)
			}
			b.WriteString("\n")
		}
	}
	unmade := fmt.Sprintf("%d checks could not be made", r.Skipped)
	if r.Skipped == 1 {
		unmade = "1 check could not be made"
	}
	switch {
	case r.Same() && r.Skipped == 0:
		b.WriteString("\nNo difference: what was seen is as the contract says.\n")
	case r.Same():
		fmt.Fprintf(&b, "\nNo difference in what was seen, but %s.\n", unmade)
	case r.Skipped > 0:
		fmt.Fprintf(&b, "\nBeside the differences, %s.\n", unmade)
	}
	_, err := io.WriteString(out, b.String())
	return err
}
