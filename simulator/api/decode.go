package api

import (
	"encoding/json"

	"github.com/labstack/echo/v4"
)

// decoder reads JSON bodies that are in memory already; the rest is echo's own.
type decoder struct{ echo.DefaultJSONSerializer }

// Deserialize reads a body that the contract was held against.
func (d decoder) Deserialize(c echo.Context, into any) error {
	call := callOf(c)
	if call == nil || call.body == nil {
		return d.DefaultJSONSerializer.Deserialize(c, into)
	}
	if err := json.Unmarshal(call.body, into); err != nil {
		return echo.ErrBadRequest.WithInternal(err)
	}
	return nil
}
