package api

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/labstack/echo/v4"
)

// decoder reads JSON bodies by way of a shared buffer; the rest is echo's own.
type decoder struct{ echo.DefaultJSONSerializer }

// Deserialize reads a body that the contract was held against already.
func (d decoder) Deserialize(c echo.Context, into any) error {
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	buffer.Reset()
	if _, err := io.Copy(buffer, c.Request().Body); err != nil {
		return err
	}
	if err := json.Unmarshal(buffer.Bytes(), into); err != nil {
		return echo.ErrBadRequest.WithInternal(err)
	}
	return nil
}
