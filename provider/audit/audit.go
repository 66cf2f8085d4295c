// Package audit compares a stack's state with what an account pays for. A run
// that was killed while it rented a machine leaves one behind that no resource
// has; its name stands among the state's pending operations.
package audit

import (
	"regexp"
	"slices"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Report is what an audit finds.
type Report struct {
	// Unclaimed are the machines that cost money and that no resource has, those
	// of a run that was killed among them.
	Unclaimed []Machine
	// Open are the pending creations under whose name nothing is rented so far.
	Open []Claim
	// Missing are the resources whose machine the account does not have.
	Missing []Claim
	// Foreign are the resources of other accounts, of which nothing can be said.
	Foreign []Claim
}

// Machine is a rented machine and the creation that was under way for it, if any.
type Machine struct {
	pictor.Instance
	Pending *Claim
	// Taken says that the resource of that creation has another machine by now.
	Taken bool
	// As is the name of the resource to import it as.
	As string
}

// automatic is how the provider ends a name that it has chosen itself, from that
// of the resource.
var automatic = regexp.MustCompile(`-[0-9a-f]{7}$`)

// Compare compares the complete list of an account's instances with the stacks
// that may have them.
func Compare(account pictor.ID, instances []pictor.Instance, stacks ...Stack) Report {
	var r Report
	var claims, pending []Claim
	for _, s := range stacks {
		claims, pending = append(claims, s.Claims...), append(pending, s.Pending...)
	}
	named := map[string]int{}
	for _, inst := range instances {
		named[inst.Name]++
	}
	// A name alone claims a machine only in the account of the claim, and only if
	// no other has it: else one of the two is nobody's.
	has := func(c Claim, inst pictor.Instance) bool {
		if c.ID != "" {
			return c.ID == string(inst.Id)
		}
		return c.Name == inst.Name && named[c.Name] == 1 && (c.Account == "" || c.Account == string(account))
	}
	for _, c := range claims {
		switch {
		case c.Account != "" && c.Account != string(account):
			r.Foreign = append(r.Foreign, c)
		case c.ID == "" && named[c.Name] > 0:
		case !slices.ContainsFunc(instances, func(inst pictor.Instance) bool { return has(c, inst) }):
			r.Missing = append(r.Missing, c)
		}
	}
	for _, inst := range instances {
		if slices.ContainsFunc(claims, func(c Claim) bool { return has(c, inst) }) {
			continue
		}
		called := func(name string) bool {
			return slices.ContainsFunc(claims, func(c Claim) bool { return c.URN.Name() == name })
		}
		m := Machine{Instance: inst, As: automatic.ReplaceAllString(inst.Name, "")}
		if i := slices.IndexFunc(pending, func(c Claim) bool { return c.Name == inst.Name }); i >= 0 {
			m.Pending = &pending[i]
			m.As = m.Pending.URN.Name()
			m.Taken = called(m.As)
		}
		if called(m.As) {
			m.As = inst.Name
		}
		r.Unclaimed = append(r.Unclaimed, m)
	}
	for _, c := range pending {
		if !slices.ContainsFunc(instances, func(inst pictor.Instance) bool { return inst.Name == c.Name }) {
			r.Open = append(r.Open, c)
		}
	}
	return r
}
