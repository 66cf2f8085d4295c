package contract

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"
)

// DiffReport says how a published specification differs from ours, as a client
// that was written for ours meets it.
type DiffReport struct {
	// Prefix is what all paths of the published one begin with beyond ours, and
	// what was therefore left out; else empty.
	Prefix string `json:"prefix,omitempty"`
	// Lacking are the operations that only the published one has.
	Lacking []Endpoint `json:"lacking"`
	// Surplus are the operations that only ours has.
	Surplus []Endpoint `json:"surplus"`
	// Changed are the operations that both have and that are not the same.
	Changed []ChangedOperation `json:"changed"`
}

// Endpoint is a method and a path.
type Endpoint struct {
	Method string `json:"method"`
	Path   string `json:"path"`
}

func (e Endpoint) String() string { return e.Method + " " + e.Path }

// ChangedOperation is what is different about one operation, worst first. The
// one without an endpoint is what holds for all.
type ChangedOperation struct {
	Endpoint
	Changes []Change `json:"changes"`
}

// Change is one difference.
type Change struct {
	Severity Severity `json:"severity"`
	Text     string   `json:"text"`
}

// Severity is what a difference means to a client.
type Severity string

// The severities.
const (
	Breaking Severity = "breaking" // a client written for our contract fails
	Risky    Severity = "risky"    // it may
	Harmless Severity = "harmless" // it does not notice
)

// rank is lower for what is worse.
func (s Severity) rank() int { return slices.Index([]Severity{Breaking, Risky, Harmless}, s) }

// Same tells whether no difference was found.
func (r DiffReport) Same() bool { return len(r.Lacking)+len(r.Surplus)+len(r.Changed) == 0 }

// Count is the number of differences.
func (r DiffReport) Count() int {
	n := len(r.Lacking) + len(r.Surplus)
	for _, op := range r.Changed {
		n += len(op.Changes)
	}
	return n
}

// Diff compares two OpenAPI documents, in JSON or YAML. What a client cannot
// notice is left out: texts, examples, tags, names of operations, schemas, security
// schemes and path parameters, the server's address and a prefix of all paths; and
// whether errors that look alike are described by their statuses or by a default.
func Diff(ours, other []byte) (DiffReport, error) {
	base, err := read(ours)
	if err != nil {
		return DiffReport{}, fmt.Errorf("our contract: %w", err)
	}
	published, err := read(other)
	if err != nil {
		return DiffReport{}, err
	}
	aligned, err := align(base, published)
	if err != nil {
		return DiffReport{}, err
	}
	report := DiffReport{Prefix: aligned.prefix, Lacking: []Endpoint{}, Surplus: []Endpoint{}, Changed: []ChangedOperation{}}

	// A parameter may stand with a path or with each of its operations.
	both, err := load.WithFlattenParams()(openapi3.NewLoader(), []*load.SpecInfo{{Spec: base}, {Spec: published}})
	if err != nil {
		return DiffReport{}, fmt.Errorf("compare the two documents: %w", err)
	}
	config := diff.NewConfig(diff.WithExcludeElements(diff.GetExcludeDiffOptions()))
	found, sources, err := diff.GetWithOperationsSourcesMap(config, both[0], both[1])
	if err != nil {
		return DiffReport{}, fmt.Errorf("compare the two documents: %w", err)
	}
	texts := checker.NewDefaultLocalizer()
	for _, c := range checker.CheckBackwardCompatibilityUntilLevel(checker.NewConfig(checker.GetAllChecks()), found, sources, checker.INFO) {
		report.add(c.GetId(), Endpoint{Method: c.GetOperation(), Path: c.GetPath()}, Change{Severity: severity(c.GetLevel()), Text: c.GetUncolorizedText(texts)})
	}
	for _, at := range aligned.silent {
		report.change(at, Change{Severity: Risky, Text: "errors are not described any more, neither by their status nor as `default`: they may look otherwise"})
	}
	report.gather(aligned)
	byPath := func(a, b Endpoint) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method)) }
	slices.SortFunc(report.Lacking, byPath)
	slices.SortFunc(report.Surplus, byPath)
	slices.SortStableFunc(report.Changed, func(a, b ChangedOperation) int { return byPath(a.Endpoint, b.Endpoint) })
	for _, op := range report.Changed {
		slices.SortStableFunc(op.Changes, func(a, b Change) int { return cmp.Compare(a.Severity.rank(), b.Severity.rank()) })
	}
	return report, nil
}

// add files a finding, by oasdiff's name for it.
func (r *DiffReport) add(id string, at Endpoint, change Change) {
	switch {
	case id == "endpoint-added":
		r.Lacking = append(r.Lacking, at)
	case strings.HasPrefix(id, "api-path-removed") || strings.HasPrefix(id, "api-removed"):
		r.Surplus = append(r.Surplus, at)
	case strings.HasPrefix(id, "api-operation-id-"), strings.HasPrefix(id, "api-schema-"), strings.HasPrefix(id, "api-tag-"), strings.HasPrefix(id, "api-version-"):
		// Names and numbers that never travel.
	default:
		r.change(at, change)
	}
}

func (r *DiffReport) change(at Endpoint, change Change) {
	i := slices.IndexFunc(r.Changed, func(op ChangedOperation) bool { return op.Endpoint == at })
	if i < 0 {
		i = len(r.Changed)
		r.Changed = append(r.Changed, ChangedOperation{Endpoint: at})
	}
	r.Changed[i].Changes = append(r.Changed[i].Changes, change)
}

// gather says once, of no operation, what is different in the same way about all
// that both documents have, and writes out which errors are meant.
func (r *DiffReport) gather(aligned alignment) {
	of := map[Change][]Endpoint{}
	for _, op := range r.Changed {
		for _, c := range op.Changes {
			if !slices.Contains(of[c], op.Endpoint) {
				of[c] = append(of[c], op.Endpoint)
			}
		}
	}
	found := r.Changed
	r.Changed = []ChangedOperation{}
	for _, op := range found {
		for _, c := range op.Changes {
			at, concerned := op.Endpoint, []Endpoint{op.Endpoint}
			if n := len(of[c]); n > 1 && n == len(aligned.shared) {
				if at != of[c][0] {
					continue // it has been said
				}
				at, concerned = Endpoint{}, of[c]
			}
			r.change(at, Change{Severity: c.Severity, Text: aligned.statuses(c.Text, concerned)})
		}
	}
}

func severity(level checker.Level) Severity {
	switch level {
	case checker.ERR:
		return Breaking
	case checker.WARN:
		return Risky
	default:
		return Harmless
	}
}

// read parses an OpenAPI document. What it refers to must be in it: no file and
// no address that it names is opened.
func read(document []byte) (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(document)
	switch {
	case doc != nil && doc.OpenAPI == "" && doc.Extensions["swagger"] != nil:
		return nil, fmt.Errorf("this is a document of Swagger %v; convert it to OpenAPI 3 first (https://converter.swagger.io does)", doc.Extensions["swagger"])
	case err != nil:
		return nil, fmt.Errorf("this is no OpenAPI document that can be read: %w", err)
	case doc.OpenAPI == "":
		return nil, errors.New(`this is no OpenAPI document: it does not begin with a version, as "openapi: 3.0.3"`)
	case doc.Paths.Len() == 0:
		return nil, errors.New("this OpenAPI document has no paths, so there is nothing to compare")
	}
	return doc, nil
}
