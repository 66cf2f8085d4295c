package fault

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// Status answers with a status of its own, as an overloaded service or a proxy
// in between would.
type Status struct {
	Code   int
	Header http.Header
	// Body is sent as it is, as ContentType or else as plain text.
	Body, ContentType string
	// RetryAfter is the header of this name in seconds; 0 means none.
	RetryAfter int
}

func (Status) kind() string { return "status" }

func (s Status) check(bad engine.Fields) {
	checkStatus(bad, s.Code)
	if s.RetryAfter < 0 {
		bad.Add("retry_after", "must not be below 0")
	}
	for name, values := range s.Header {
		if !httpguts.ValidHeaderFieldName(name) {
			bad.Add("headers", "%q cannot be the name of a header", name)
		}
		for _, value := range values {
			if !httpguts.ValidHeaderFieldValue(value) {
				bad.Add("headers", "%s cannot have the value %q", name, value)
			}
		}
	}
}

// checkStatus notes a code that no answer can end with.
func checkStatus(bad engine.Fields, code int) {
	if code < 200 || code > 599 {
		bad.Add("code", "must be 200 to 599")
	}
}

// Answer writes the status.
func (s Status) Answer(w http.ResponseWriter, _ Answer) error {
	for name, values := range s.Header {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	if s.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(s.RetryAfter))
	}
	if s.ContentType == "" {
		s.ContentType = "text/plain; charset=utf-8"
	}
	return send(w, s.Code, s.ContentType, s.Body)
}

// send writes a whole answer.
func send(w http.ResponseWriter, status int, contentType, body string) error {
	w.Header().Set("Content-Type", contentType)
	if status != http.StatusNoContent && status != http.StatusNotModified {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(status)
	_, err := w.Write([]byte(body))
	return err
}

// statusFields are a Status in JSON, where a header has one value.
type statusFields struct {
	Code        int               `json:"code"`
	Headers     map[string]string `json:"headers,omitempty"`
	Body        string            `json:"body,omitempty"`
	ContentType string            `json:"content_type,omitempty"`
	RetryAfter  int               `json:"retry_after,omitempty"`
}

// MarshalJSON writes the parameters.
func (s Status) MarshalJSON() ([]byte, error) {
	f := statusFields{s.Code, map[string]string{}, s.Body, s.ContentType, s.RetryAfter}
	for name, values := range s.Header {
		f.Headers[name] = strings.Join(values, ", ")
	}
	return json.Marshal(f)
}

// UnmarshalJSON reads the parameters.
func (s *Status) UnmarshalJSON(data []byte) error {
	var f statusFields
	if err := json.Unmarshal(data, &f); err != nil {
		return err
	}
	*s = Status{Code: f.Code, Body: f.Body, ContentType: f.ContentType, RetryAfter: f.RetryAfter}
	if len(f.Headers) > 0 {
		s.Header = http.Header{}
	}
	for name, value := range f.Headers {
		s.Header.Set(name, value)
	}
	return nil
}
