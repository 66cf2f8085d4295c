package api

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"
)

// readAhead reads the body and leaves it to be read again. Only then does the
// server notice that a client goes away.
func readAhead(c echo.Context) ([]byte, error) {
	r := c.Request()
	body, err := ReadBody(r)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}

// ReadBody reads the whole body of a request. That it cannot be read, as when
// less comes than was announced, is the client's fault: a 400.
func ReadBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil && !errors.As(err, new(*echo.HTTPError)) { // the one for a body that is too long
		return nil, refuse(http.StatusBadRequest, "bad_request", "The body cannot be read to its end: "+err.Error()+".")
	}
	return body, err
}
