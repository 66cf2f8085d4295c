package fault

import (
	"slices"
	"strings"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// A program that can set no header asks for a fault in the name of what it
// makes: "trainer--sim-lost-answer". What comes behind a label, such as the
// suffix of an automatic name, is not looked at, unless it is the duration that
// the label takes: "trainer--sim-host-dies-10m".

// LabelMark begins a label.
const LabelMark = "--sim-"

// mostUsed bounds how many labels a set remembers to have hit.
const mostUsed = 1000

// Label is a fault that a name can ask for.
type Label struct {
	// Name stands behind the mark.
	Name string
	// About is a sentence.
	About string
	// Once says that a name is hit the first time only, so that a second try goes
	// through.
	Once bool

	plan func(d Duration) Plan // with the label's duration; nil where the engine sees to it
	take Duration              // its duration where it has none; 0 where it takes none
}

// Labels are the labels that there are.
func Labels() []Label {
	status := func(code, retryAfter int, word, message string) func(Duration) Plan {
		body := `{"message":"` + message + `","code":"` + word + `"}`
		return func(Duration) Plan {
			return Plan{Effect: Status{Code: code, Body: body, ContentType: "application/json", RetryAfter: retryAfter}}
		}
	}
	return []Label{
		{
			Name: "lost-answer", About: "It is made, and the connection is reset before the answer.", Once: true,
			plan: func(Duration) Plan { return Plan{Phase: After, Effect: Reset{}} },
		},
		{
			Name: "late", About: "It is made when the client has given up, at the latest after the duration (10s).", Once: true,
			plan: func(d Duration) Plan { return Plan{Effect: Late{By: d}} }, take: Duration(10 * time.Second),
		},
		{
			Name: "unavailable", About: "The answer is 503, and it is not made.", Once: true,
			plan: status(503, 0, "unavailable", "The service is not available."),
		},
		{
			Name: "rate-limited", About: "The answer is 429, and it is not made.", Once: true,
			plan: status(429, 1, "rate_limited", "Too many requests."),
		},
		{
			Name: "slow", About: "It takes longer, by the duration (2s) of wall-clock time.",
			plan: func(d Duration) Plan { return Plan{Effect: Delay{By: d}} }, take: Duration(2 * time.Second),
		},
		{
			Name: "no-capacity", About: "The offer is gone when it is to be rented.", Once: true,
			plan: func(Duration) Plan { return Plan{Effect: NoCapacity{}} },
		},
		{Name: strings.TrimPrefix(engine.FailProvisioningLabel, LabelMark), About: "The machine does not boot."},
		{
			Name: "host-dies", About: "The machine's host dies, after the duration (10m) of the sandbox's time.",
			plan: func(d Duration) Plan { return Plan{Effect: HostDies{After: d}} }, take: Duration(10 * time.Minute),
		},
		{
			Name: "ssh-refused", About: "SSH refuses for the duration (30s) after the machine has begun to run.",
			plan: func(d Duration) Plan { return Plan{Effect: SSHRefused{For: d}} }, take: Duration(30 * time.Second),
		},
		{
			Name: "credits-run-out", About: "The credits run out right after the rent.",
			plan: func(Duration) Plan { return Plan{Phase: After, Effect: CreditsRunOut{}} },
		},
	}
}

// CheckLabels is the validation error of a name that asks for a fault in a way
// that nobody understands.
func CheckLabels(name string) error {
	if !strings.Contains(name, LabelMark) {
		return nil // as nearly every name
	}
	bad := engine.Fields{}
	for _, text := range labelsIn(name) {
		label, plan, ok := readLabel(text)
		switch {
		case !ok:
			known := make([]string, 0, 10)
			for _, l := range Labels() {
				known = append(known, LabelMark+l.Name)
			}
			bad.Add("name", "%s%s is no label of the simulator: use %s", LabelMark, text, strings.Join(known, ", "))
		case label.plan == nil:
		default:
			wrong := engine.Fields{}
			if plan.checkEffect(wrong); len(wrong) > 0 {
				bad.Add("name", "%s%s cannot be: %s", LabelMark, text, wrong)
			}
		}
	}
	return bad.Err()
}

// labelsIn cuts a name into what stands behind its marks.
func labelsIn(name string) []string { return strings.Split(name, LabelMark)[1:] }

// readLabel finds the label that a text begins with, and its plan.
func readLabel(text string) (label Label, plan Plan, ok bool) {
	for _, l := range Labels() {
		rest, found := strings.CutPrefix(text, l.Name)
		if !found || len(l.Name) <= len(label.Name) || rest != "" && rest[0] != '-' && l.plan != nil {
			continue
		}
		label, ok = l, true
		if l.plan == nil {
			continue
		}
		d := l.take
		if word, _, _ := strings.Cut(strings.TrimPrefix(rest, "-"), "-"); l.take != 0 {
			if given, err := time.ParseDuration(word); err == nil {
				d = Duration(given)
			}
		}
		plan = l.plan(d).withDefaults()
	}
	return label, plan, ok
}

// label is the hit of the first label in the name of what a request makes.
func (s *Set) label(r Request) *Hit {
	op, _ := find(r.Operation)
	if r.ID != "" || !op.about {
		return nil // it makes nothing
	}
	for _, text := range labelsIn(r.Name) {
		label, plan, ok := readLabel(text)
		if !ok || label.plan == nil || !plan.fits(op) {
			continue
		}
		hit := &Hit{Plan: plan, ID: LabelMark + label.Name, set: s}
		if label.Once {
			hit.used = r.Operation + " " + r.Name + " " + label.Name
			if slices.Contains(s.used, hit.used) {
				continue
			}
			s.used = append(s.used, hit.used)
			s.used = s.used[max(len(s.used)-mostUsed, 0):]
			s.changed = true
		}
		return hit
	}
	return nil
}
