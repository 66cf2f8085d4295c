package fault

import "net/http"

// Status answers with a status of its own, as an overloaded service or a proxy
// in between would.
type Status struct {
	Code   int
	Header http.Header
	// Body is sent as it is, as ContentType or else as plain text.
	Body, ContentType string
}

// Answer writes the status.
func (s Status) Answer(w http.ResponseWriter, _ Answer) error {
	for name, values := range s.Header {
		w.Header()[name] = values
	}
	if s.ContentType == "" {
		s.ContentType = "text/plain; charset=utf-8"
	}
	w.Header().Set("Content-Type", s.ContentType)
	w.WriteHeader(s.Code)
	_, err := w.Write([]byte(s.Body))
	return err
}
