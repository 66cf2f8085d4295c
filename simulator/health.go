package simulator

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// alive answers as long as the process does.
func (s *Simulator) alive(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}

// ready answers 503 when changes are not taken any more, with the reason.
func (s *Simulator) ready(c echo.Context) error {
	if err := s.Store.Err(); err != nil {
		return c.JSON(http.StatusServiceUnavailable, map[string]string{"status": "not ready", "reason": err.Error()})
	}
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}
