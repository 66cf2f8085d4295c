package control

import (
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/journal"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// Request is an entry of a sandbox's journal: a request to the API and what was
// answered. It has no secrets.
type Request struct {
	Number int64     `json:"number"`
	At     time.Time `json:"at"`   // the sandbox's time
	Wall   time.Time `json:"wall"` // the wall clock's
	Took   string    `json:"took"`

	Method string `json:"method"`
	Path   string `json:"path"`
	Query  string `json:"query,omitempty"`
	// Operation is the contract's operationId; empty where it has none.
	Operation string      `json:"operation,omitempty"`
	Headers   http.Header `json:"headers"`
	// Body and Answer are the bodies as they travelled; of a long one, the
	// beginning.
	Body    string `json:"body,omitempty"`
	BodyCut bool   `json:"body_cut,omitempty"`

	// Status is 0 when the connection broke without an answer.
	Status    int    `json:"status"`
	Answer    string `json:"answer,omitempty"`
	AnswerCut bool   `json:"answer_cut,omitempty"`
	RequestID string `json:"request_id,omitempty"`
	// Fault is the id of the fault that hit.
	Fault string `json:"fault,omitempty"`
	// Hint says, of a 404, 405 or 422, what would have been taken.
	Hint string `json:"hint,omitempty"`
}

func (h handlers) shownRequest(s *store.Sandbox, e *journal.Entry) Request {
	return Request{
		Number: e.Number, At: e.At, Wall: e.Wall, Took: e.Took.String(),
		Method: e.Method, Path: e.Path, Query: e.Query, Operation: e.Operation, Headers: e.Header,
		Body: string(e.Body.Data), BodyCut: e.Body.Cut,
		Status: e.Status, Answer: string(e.Answer.Data), AnswerCut: e.Answer.Cut, RequestID: e.RequestID,
		Fault: e.Fault, Hint: h.hints.Of(s, e),
	}
}

// listRequests answers with the entries that the filters let through, the newest
// last.
func (h handlers) listRequests(c echo.Context) error {
	s, err := h.selected(c)
	if err != nil {
		return err
	}
	filter, err := readFilter(c)
	if err != nil {
		return err
	}
	entries := s.Journal.Entries(filter.matches)
	if filter.limit > 0 {
		entries = entries[max(len(entries)-filter.limit, 0):]
	}
	out := []Request{}
	for _, e := range entries {
		out = append(out, h.shownRequest(s, e))
	}
	return c.JSON(http.StatusOK, out)
}

func (h handlers) clearRequests(c echo.Context) error {
	s, err := h.selected(c)
	if err != nil {
		return err
	}
	s.Journal.Clear()
	return c.NoContent(http.StatusNoContent)
}

// filter chooses entries; what is empty matches everything.
type filter struct {
	operation, method, path, fault string
	status                         string // "404" or "4xx"
	since                          int64
	limit                          int
}

func readFilter(c echo.Context) (f filter, err error) {
	q, bad := c.QueryParam, engine.Fields{}
	f = filter{operation: q("operation"), method: q("method"), path: q("path"), status: strings.ToLower(q("status")), fault: q("fault")}
	if known := fault.Operations(); f.operation != "" && !slices.Contains(known, f.operation) {
		bad.Add("operation", "%q is none of the contract's: there are %s", f.operation, strings.Join(known, ", "))
	}
	if _, err := path.Match(f.path, ""); err != nil {
		bad.Add("path", "%q is no pattern: * stands for anything but a slash", f.path)
	}
	if n, err := strconv.Atoi(strings.Replace(f.status, "xx", "00", 1)); f.status != "" && (err != nil || n != 0 && (n < 100 || n > 599)) {
		bad.Add("status", "%q is no status: use a number such as 404, 4xx, or 0 where the connection broke", f.status)
	}
	if text := q("since"); text != "" {
		if f.since, err = strconv.ParseInt(text, 10, 64); err != nil || f.since < 0 {
			bad.Add("since", "%q is not the number of a request", text)
		}
	}
	if text := q("limit"); text != "" {
		if f.limit, err = strconv.Atoi(text); err != nil || f.limit < 1 {
			bad.Add("limit", "must be a number above 0")
		}
	}
	for name := range c.QueryParams() {
		switch name {
		case "operation", "method", "path", "status", "since", "fault", "limit", "sandbox":
		default:
			bad.Add(name, "is unknown here: there are operation, method, path, status, since, fault, limit")
		}
	}
	return f, bad.Err()
}

func (f filter) matches(e *journal.Entry) bool {
	status := strconv.Itoa(e.Status)
	if strings.HasSuffix(f.status, "xx") {
		status = status[:1] + "xx"
	}
	matched, _ := path.Match(f.path, e.Path) // the pattern is valid
	return e.Number > f.since &&
		(f.operation == "" || f.operation == e.Operation) &&
		(f.method == "" || strings.EqualFold(f.method, e.Method)) &&
		(f.path == "" || matched) &&
		(f.status == "" || f.status == status) &&
		(f.fault == "" || f.fault == e.Fault)
}
