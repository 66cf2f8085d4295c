package api

import (
	"bytes"
	"io"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/dialect"
)

// speak translates between the sandbox's dialect and the contract, in which
// everything behind it thinks.
func speak(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		d := from(c.Request().Context()).Settings.Dialect
		if d == (dialect.Dialect{}) {
			return next(c)
		}
		r := c.Request()
		body, err := ReadBody(r)
		if err != nil {
			return err
		}
		body = d.Request(body)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		callOf(c).body = body
		query := r.URL.Query()
		d.Query(query)
		r.URL.RawQuery = query.Encode()

		operation := ""
		if route := routeOf(c); route != nil {
			operation = route.Operation.OperationID
		}
		answer, err := record(c, next)
		if err != nil {
			return err
		}
		answer.Status, answer.Body = d.Answer(operation, answer.Status, answer.Header, answer.Body)
		return replay(c, answer)
	}
}
