package api

import (
	"bytes"
	"maps"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
)

// record carries a request out and keeps the answer from the client. Errors are
// answered, too.
func record(c echo.Context, next echo.HandlerFunc) (fault.Answer, error) {
	sent := c.Response()
	header := maps.Clone(sent.Header())
	r := &recorder{header: header, status: http.StatusOK}
	c.SetResponse(echo.NewResponse(r, c.Echo()))
	defer c.SetResponse(sent) // also when next panics: the client waits at the real one
	if err := next(c); err != nil {
		c.Error(err)
	}
	return fault.Answer{Status: r.status, Header: r.header, Body: r.body.Bytes()}, nil
}

// replay sends a recorded answer.
func replay(c echo.Context, a fault.Answer) error {
	maps.Copy(c.Response().Header(), a.Header)
	c.Response().WriteHeader(a.Status)
	_, err := c.Response().Write(a.Body)
	return err
}

// recorder is an http.ResponseWriter into memory.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) { r.status = status }

func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }
