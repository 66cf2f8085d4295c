package contract

import (
	"fmt"
	"io"
	"strings"
)

// WriteText writes the report for people.
func (r DiffReport) WriteText(out io.Writer) error {
	var b strings.Builder
	if r.Prefix != "" {
		fmt.Fprintf(&b, "The published paths begin with %s; it is left out here.\n\n", r.Prefix)
	}
	if r.Same() {
		b.WriteString("No difference: a client cannot tell the two apart.\n")
	}
	section(&b, "Only the published specification has", r.Lacking)
	section(&b, "Only our contract has", r.Surplus)
	if len(r.Changed) > 0 {
		b.WriteString("In both, but different. From our contract to the published one:\n")
		for _, op := range r.Changed {
			if op.Endpoint == (Endpoint{}) {
				b.WriteString("\n  every operation\n")
			} else {
				fmt.Fprintf(&b, "\n  %s\n", op.Endpoint)
			}
			for _, c := range op.Changes {
				fmt.Fprintf(&b, "    %-8s  %s\n", c.Severity, c.Text)
			}
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func section(b *strings.Builder, title string, list []Endpoint) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "%s:\n", title)
	for _, e := range list {
		fmt.Fprintf(b, "  %s\n", e)
	}
	b.WriteString("\n")
}
