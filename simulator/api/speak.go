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
		return answerIn(d, c, next)
	}
}

// speakRefusals has what is refused before speak has its turn, such as a body that
// is too long, refused in the sandbox's dialect, too. What a fault answers is no
// refusal, and is sent as it is.
func speakRefusals(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		err := next(c)
		d := callOf(c).Settings.Dialect
		if err == nil || c.Response().Committed || d == (dialect.Dialect{}) {
			return err
		}
		return answerIn(d, c, func(echo.Context) error { return err })
	}
}

// answerIn sends in a dialect what next answers as the contract has it.
func answerIn(d dialect.Dialect, c echo.Context, next echo.HandlerFunc) error {
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
