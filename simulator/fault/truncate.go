package fault

import (
	"maps"
	"net/http"
	"strconv"
)

// Truncate sends only the first bytes of the answer, although its length was
// announced, and then breaks off.
type Truncate struct {
	Keep int
}

// Answer writes the truncated answer.
func (t Truncate) Answer(w http.ResponseWriter, real Answer) error {
	maps.Copy(w.Header(), real.Header)
	w.Header().Set("Content-Length", strconv.Itoa(len(real.Body)))
	w.WriteHeader(real.Status)
	if _, err := w.Write(real.Body[:min(t.Keep, len(real.Body))]); err != nil {
		return err
	}
	if err := http.NewResponseController(w).Flush(); err != nil {
		return err
	}
	return Reset{}.Answer(w, real)
}
