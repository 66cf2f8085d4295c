package api

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/machine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// call is what a handler knows of its request besides the parameters.
type call struct {
	sandbox  *store.Sandbox
	settings store.Settings
	key      keyHash
	url      *url.URL
	behind   int               // how many changes ago the world is read
	blow     *blow             // what befalls the instance that is going to be rented, if anything
	machines *machine.Machines // nil where nobody can log in
}

type callKey struct{}

// from is the call that a context belongs to.
func from(ctx context.Context) call { return ctx.Value(callKey{}).(call) }

// sandboxOf is the sandbox that a context's API key selected.
func sandboxOf(ctx context.Context) *store.Sandbox { return from(ctx).sandbox }

// view reads the world as the request is to see it.
func view(ctx context.Context, read func(w *engine.World)) {
	c := from(ctx)
	if c.behind > 0 {
		c.sandbox.ViewPast(c.behind, read)
		return
	}
	c.sandbox.View(read)
}

// authenticate refuses requests without a valid API key and selects the sandbox.
func authenticate(keys *store.Store, machines *machine.Machines) echo.MiddlewareFunc {
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
			ctx := context.WithValue(c.Request().Context(), callKey{}, call{sandbox: sandbox, settings: sandbox.Settings(), key: hash, url: c.Request().URL, machines: machines})
			c.SetRequest(c.Request().WithContext(ctx))
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

// arrivalKey is where sandboxDate leaves the sandbox's time.
const arrivalKey = "pictor.arrival"

// sandboxDate makes the Date header show the sandbox's time.
func sandboxDate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		sandboxOf(c.Request().Context()).View(func(w *engine.World) {
			c.Set(arrivalKey, w.Now())
			c.Response().Header().Set("Date", w.Now().Format(http.TimeFormat))
		})
		return next(c)
	}
}
