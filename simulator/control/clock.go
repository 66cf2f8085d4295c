package control

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// Clock is the clock of a sandbox as the control API shows it.
type Clock struct {
	Now time.Time `json:"now"`
	// Mode is as on a command line: real, x60, frozen, poll or poll=N.
	Mode string `json:"mode"`
	// NextEvent is when something happens next, nil when nothing is going to.
	NextEvent *time.Time `json:"next_event"`
}

func shownClock(s *store.Sandbox) (out Clock) {
	s.View(func(w *engine.World) {
		out.Now, out.Mode = w.Now(), w.Clock().Mode()
		if next, ok := w.NextEvent(); ok {
			out.NextEvent = &next
		}
	})
	return out
}

func (h handlers) getClock(c echo.Context) error {
	s, err := h.selected(c)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shownClock(s))
}

func (h handlers) setClock(c echo.Context) error {
	s, err := h.selected(c)
	if err != nil {
		return err
	}
	f, err := readFields(c)
	if err != nil {
		return err
	}
	var mode string
	if !f.read("mode", &mode) {
		f.refuse("mode", "is needed: real, x60 (or any factor), frozen, poll or poll=N")
	}
	if err := f.err(); err != nil {
		return err
	}
	if err := s.SetClock(mode); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shownClock(s))
}
