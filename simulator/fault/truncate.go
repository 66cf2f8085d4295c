package fault

import (
	"maps"
	"net/http"
	"strconv"
)

// Truncate sends only the first bytes of the answer, although its length was
// announced, and then breaks off. In the phase Before, where there is no answer
// yet, nothing is sent at all.
type Truncate struct {
	Keep int `json:"keep"` // bytes; below 0 is 0
}

func (Truncate) kind() string { return "truncate" }

// Answer writes the truncated answer. The connection ends in an orderly way, as
// a reset could take from the client what was sent already.
func (t Truncate) Answer(w http.ResponseWriter, real Answer) error {
	if real.Status == 0 {
		return Reset{}.Answer(w, real)
	}
	maps.Copy(w.Header(), real.Header)
	w.Header().Set("Content-Length", strconv.Itoa(len(real.Body)))
	w.WriteHeader(real.Status)
	if _, err := w.Write(real.Body[:max(min(t.Keep, len(real.Body)), 0)]); err != nil {
		return err
	}
	if err := http.NewResponseController(w).Flush(); err != nil {
		return err
	}
	conn, err := takeOver(w)
	if err != nil {
		return err
	}
	return conn.Close()
}
