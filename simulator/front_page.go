package simulator

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

func frontPage(c echo.Context) error {
	return c.String(http.StatusOK, `pictor-sim: a simulator of Pictor's REST API for GPU Renting

API           /api          needs an API key on every request
control API   /_sim         keys
health        /healthz

Set PICTOR_ENDPOINT to this address followed by /api, and PICTOR_API_KEY to the key that was printed at the start.
`)
}
