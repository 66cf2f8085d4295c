package audit

import (
	"fmt"
	"io"
	"strings"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Import is the command that takes a machine into the stack.
func (m Machine) Import() string {
	return fmt.Sprintf("pulumi import %s '%s' %s --protect=false --generate-code=false --yes", instanceToken, m.As, m.Id)
}

// settle ends a pending creation, after the import.
const settle = "pulumi refresh --clear-pending-creates --yes"

// Print writes the report for a person. The delete command is what ends a
// machine, up to its id.
func (r Report) Print(out io.Writer, deleteCommand string) error {
	var text strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&text, format+"\n", args...) }
	for _, m := range r.Unclaimed {
		say("UNCLAIMED %s (%s): %s, %s credits/h, %s credits so far, rented %s", m.Name, m.Id, pictor.NormalStatus(m.Status), m.PricePerHour, m.CostSoFar, m.CreatedAt.Format("2006-01-02 15:04 MST"))
		switch {
		case m.Pending != nil && m.Taken:
			say("  rented for %s by a run that did not get to its end; that resource has another machine by now", m.Pending.URN)
		case m.Pending != nil:
			say("  rented for %s by a run that did not get to its end", m.Pending.URN)
		}
		say("  take it over:  %s", m.Import())
		if m.Pending != nil {
			say("                 %s", settle)
		}
		say("  or delete it, unless another stack or person has it:\n                 %s %s", deleteCommand, m.Id)
	}
	for _, c := range r.Open {
		say("PENDING %s: a run was about to rent %q; not rented so far, which can change for some minutes after that run", c.URN, c.Name)
		say("  then:          %s", settle)
	}
	for _, c := range r.Missing {
		say("MISSING %s: the account has no machine %s (%s)", c.URN, c.Name, c.ID)
		say("  look again:    pulumi refresh")
	}
	for _, c := range r.Foreign {
		say("NOT LOOKED AT %s: it belongs to account %s, and PICTOR_API_KEY to another", c.URN, c.Account)
	}
	if text.Len() == 0 {
		say("every machine of the account is in the stack, and the other way round")
	}
	_, err := io.WriteString(out, text.String())
	return err
}
