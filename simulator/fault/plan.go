package fault

import (
	"path"
	"slices"
	"strings"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// Phase says when a fault hits.
type Phase string

// The phases.
const (
	// Before the request is carried out; mostly it never is.
	Before Phase = "before"
	// After it has been carried out, when only its answer can be spoilt. A change
	// that was refused is answered as ever, and the fault is still to come.
	After Phase = "after"
	// PhaseLate has the client answered, or left without an answer, first; then
	// the request is carried out. It has hit, also when that is refused: the client
	// cannot be given its answer back.
	PhaseLate Phase = "late"
)

// Plan is a fault that is going to hit some requests.
type Plan struct {
	// Name is for people.
	Name string
	// Operation is the contract's operationId, such as "createInstance";
	// empty matches every operation that the kind can hit.
	Operation string
	// Resource is a pattern, as [path.Match] has it, of the id or the name of the
	// thing that the request is about; empty matches every request.
	Resource string
	// From is the first matching request that is hit; 0 and 1 mean the first.
	From int
	// Times is how many are hit from there on; 0 means one, below 0 all.
	Times int
	// Phase is the usual one of its kind unless set.
	Phase  Phase
	Effect Effect
	// Optional says that the test which makes the plan does not mind when it
	// never hits.
	Optional bool
}

// Kind is the name of the effect's kind, empty for one that a test has made.
func (p Plan) Kind() string {
	name, _, _ := kindOf(p.Effect)
	return name
}

// Check is the validation error of a plan, if any, with every bad field.
func (p Plan) Check() error {
	p = p.withDefaults()
	bad := engine.Fields{}
	if p.From < 0 {
		bad.Add("from", "must be 1 or more")
	}
	if _, err := path.Match(p.Resource, ""); err != nil {
		bad.Add("resource", "%q is no pattern: use *, ? and [a-z]; a backslash takes a character as it is", p.Resource)
	}
	p.checkEffect(bad)
	p.checkOperation(bad)
	return bad.Err()
}

// checkEffect notes what is wrong with the effect, and where it cannot be had.
func (p Plan) checkEffect(bad engine.Fields) {
	name, kind, known := kindOf(p.Effect)
	if p.Effect == nil {
		bad.Add("kind", "is required: use one of %s", strings.Join(KindNames(), ", "))
		return
	}
	phases := []Phase{Before, After, PhaseLate}
	if known {
		phases = kind.Phases
	}
	if !slices.Contains(phases, p.Phase) {
		bad.Add("phase", "%q is no phase of %s: use %s", p.Phase, name, join(phases))
	}
	if c, ok := p.Effect.(checked); ok {
		c.check(bad)
	}
}

func (p Plan) checkOperation(bad engine.Fields) {
	_, kind, _ := kindOf(p.Effect)
	op, found := find(p.Operation)
	switch {
	case p.Operation == "":
	case !found:
		bad.Add("operation", "%q is no operation: use one of %s", p.Operation, strings.Join(Operations(), ", "))
	case kind.fits != nil && !kind.fits(op, p.Phase):
		bad.Add("operation", "%s cannot be hit by %s in the phase %s: use one of %s", p.Operation, p.Kind(), p.Phase,
			strings.Join(those(func(o operation) bool { return kind.fits(o, p.Phase) }), ", "))
	case p.Resource != "" && !op.about:
		bad.Add("resource", "%s is about no single thing: leave the resource out, or use one of %s", p.Operation,
			strings.Join(those(func(o operation) bool { return o.about }), ", "))
	}
}

func join(phases []Phase) string {
	words := make([]string, len(phases))
	for i, p := range phases {
		words[i] = string(p)
	}
	return strings.Join(words, ", ")
}

func (p Plan) withDefaults() Plan {
	if p.Phase == "" {
		p.Phase = Before
		if _, kind, known := kindOf(p.Effect); known {
			p.Phase = kind.Phases[0]
		}
	}
	if p.From == 0 {
		p.From = 1
	}
	if p.Times == 0 {
		p.Times = 1
	}
	return p
}

// Request is what a plan sees of a request.
type Request struct {
	// Operation is its operationId.
	Operation string
	// ID is what it is about, if that is there already.
	ID string
	// Name is the name of that, or of what is to be made.
	Name string
}

func (p Plan) matches(r Request) bool {
	if p.Operation != "" {
		if p.Operation != r.Operation {
			return false
		}
	} else if op, _ := find(r.Operation); !p.fits(op) {
		return false
	}
	return p.Resource == "" || like(p.Resource, r.ID) || like(p.Resource, r.Name)
}

func (p Plan) fits(op operation) bool {
	_, kind, _ := kindOf(p.Effect)
	return kind.fits == nil || kind.fits(op, p.Phase)
}

func like(pattern, name string) bool {
	ok, _ := path.Match(pattern, name) // it was checked
	return ok && name != ""
}
