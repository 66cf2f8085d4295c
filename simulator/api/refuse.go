package api

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// refusal is an error that is answered as it stands.
type refusal struct {
	status int
	body   wire.Error
}

func (r *refusal) Error() string {
	return fmt.Sprintf("%d %s: %s", r.status, r.body.Code, r.body.Message)
}

func refuse(status int, code, message string) error {
	return &refusal{status: status, body: wire.Error{Code: code, Message: message}}
}

// invalid is a 422 with every bad field.
func invalid(fields engine.Fields) error {
	errs := map[string][]string(fields)
	return &refusal{status: http.StatusUnprocessableEntity, body: wire.Error{
		Code: string(engine.CodeValidation), Message: "The given data was invalid.", Errors: &errs,
	}}
}

// AnswerErrors answers whatever a handler returned as an error, as the
// contract's JSON. It is the one place where errors become statuses.
func AnswerErrors(log *slog.Logger) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		if c.Response().Committed {
			return
		}
		r := refusalOf(err)
		if r.status >= http.StatusInternalServerError {
			log.ErrorContext(c.Request().Context(), "request failed", Logged(c), "error", err)
		}
		if err := c.JSON(r.status, r.body); err != nil {
			log.WarnContext(c.Request().Context(), "answer could not be written", Logged(c), "error", err)
		}
	}
}

func refusalOf(err error) *refusal {
	var r *refusal
	var domain *engine.Error
	var http *echo.HTTPError
	switch {
	case errors.As(err, &r):
		return r
	case errors.As(err, &domain):
		return refusalOfDomain(domain)
	case errors.As(err, &http):
		return refusalOfEcho(http)
	default:
		return &refusal{status: 500, body: wire.Error{Code: "unavailable", Message: "Something went wrong in the simulator; its log says what."}}
	}
}

func refusalOfDomain(err *engine.Error) *refusal {
	switch err.Code {
	case engine.CodeValidation:
		var r *refusal
		errors.As(invalid(err.Fields), &r)
		return r
	case engine.CodeInsufficientCredits:
		return &refusal{status: http.StatusPaymentRequired, body: wire.Error{Code: string(err.Code), Message: fmt.Sprintf(
			"This costs %s credits and the balance is %s.", wire.Credits(err.Needed), wire.Credits(err.Balance))}}
	case engine.CodeNotFound:
		return &refusal{status: http.StatusNotFound, body: wire.Error{Code: string(err.Code), Message: err.Message}}
	default:
		return &refusal{status: http.StatusConflict, body: wire.Error{Code: string(err.Code), Message: err.Message}}
	}
}

// refusalOfEcho translates what echo itself refuses.
func refusalOfEcho(err *echo.HTTPError) *refusal {
	code := map[int]string{
		http.StatusUnauthorized:          "unauthorized",
		http.StatusForbidden:             "forbidden",
		http.StatusNotFound:              "not_found",
		http.StatusMethodNotAllowed:      "method_not_allowed",
		http.StatusRequestEntityTooLarge: "payload_too_large",
		http.StatusUnsupportedMediaType:  "bad_request",
	}[err.Code]
	message := map[int]string{
		http.StatusNotFound:              "There is nothing at this path.",
		http.StatusMethodNotAllowed:      "This path does not take this method; the Allow header has those it takes.",
		http.StatusRequestEntityTooLarge: "The body is longer than 1 MiB.",
	}[err.Code]
	if code == "" {
		code = "bad_request"
	}
	if own := fmt.Sprint(err.Message); message == "" || own != http.StatusText(err.Code) {
		message = own
	}
	return &refusal{status: err.Code, body: wire.Error{Code: code, Message: message}}
}
