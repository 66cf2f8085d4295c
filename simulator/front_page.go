package simulator

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

func frontPage(c echo.Context) error {
	return c.String(http.StatusOK, `pictor-sim: a simulator of Pictor's REST API for GPU Renting

API             /api                              needs an API key on every request
API reference   /api/documentation/gpu-instances  to read and to try out
fidelity        /fidelity                         what is imitated, and how deeply
control API     /_sim                             sandboxes, clock, faults, requests, keys
operations      /healthz  /readyz  /metrics

Set PICTOR_ENDPOINT to this address followed by /api, and PICTOR_API_KEY to the key that was printed at the start.
`)
}
