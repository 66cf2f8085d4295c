package api

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/journal"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/machine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// authenticate refuses requests without a valid API key and selects the sandbox,
// whose time the Date header shows. It tells admitted of a valid key's sandbox.
func authenticate(keys *store.Store, machines *machine.Machines, admitted func(r *http.Request, sandbox string)) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			secret := Key(c.Request())
			if secret == "" {
				return refuse(http.StatusUnauthorized, "unauthorized", "The API key is missing: send it as \"Authorization: Bearer KEY\".")
			}
			hash := engine.HashSecret(secret)
			sandbox, ok := keys.ByHash(hash)
			if !ok {
				return refuse(http.StatusUnauthorized, "unauthorized", "The API key is not valid.")
			}
			call := &call{Visit: sandbox.Arrive(), secret: secret, key: hash, url: c.Request().URL, machines: machines}
			c.Response().Header()["Date"] = []string{call.Arrived.Format(http.TimeFormat)}
			r := c.Request().WithContext(context.WithValue(c.Request().Context(), callKey{}, call))
			admitted(r, sandbox.ID())
			c.SetRequest(r)
			return next(c)
		}
	}
}

// Key is the secret of the API key that a request brings along, if any.
func Key(r *http.Request) string {
	scheme, secret, _ := strings.Cut(r.Header.Get(echo.HeaderAuthorization), " ")
	if strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(secret)
	}
	return r.Header.Get("X-API-Key")
}

// Logged is a request for a log: its method, its path and its id, without the secrets
// that came along in headers, as a client may have put them anywhere.
func Logged(c echo.Context) slog.Attr {
	r := c.Request()
	without := func(text string) string {
		for _, secret := range []string{Key(r), r.Header.Get(controlKeyHeader)} {
			text = journal.WithoutKey(text, secret)
		}
		return text
	}
	return slog.Group("", "method", without(r.Method), "path", without(r.URL.Path), "id", without(c.Response().Header().Get(echo.HeaderXRequestID)))
}

// controlKeyHeader has the control API's own key, on the way to that API only.
const controlKeyHeader = "X-Sim-Key"
