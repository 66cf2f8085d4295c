package fault

import (
	"maps"
	"net/http"
)

// Empty sends the real status and headers with an empty body.
type Empty struct{}

func (Empty) kind() string { return "empty" }

// Answer writes the empty answer.
func (Empty) Answer(w http.ResponseWriter, real Answer) error {
	maps.Copy(w.Header(), real.Header)
	return send(w, real.Status, real.Header.Get("Content-Type"), "")
}
