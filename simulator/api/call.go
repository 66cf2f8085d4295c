package api

import (
	"context"
	"net/url"

	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/machine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// call is what is known of a request with a valid API key. It belongs to that
// request alone; what stands before a handler may change it.
type call struct {
	store.Visit
	secret string  // the API key
	key    keyHash // and its hash
	url    *url.URL
	// body is the whole body, once it has been read, and must not be changed; nil
	// where it is too long for that.
	body     []byte
	route    *routers.Route    // of the contract; nil for what it does not have
	behind   int               // how many changes ago the world is read
	blow     *blow             // what befalls the instance that is going to be rented, if anything
	machines *machine.Machines // nil where nobody can log in
}

type callKey struct{}

// from is the call that a context belongs to.
func from(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// callOf is the call of a request, nil before it is authenticated.
func callOf(c echo.Context) *call {
	call, _ := c.Request().Context().Value(callKey{}).(*call)
	return call
}

// routeOf is the contract's operation that a request asks for, nil when there is
// none.
func routeOf(c echo.Context) *routers.Route {
	if call := callOf(c); call != nil {
		return call.route
	}
	return nil
}

// view reads the world as the request is to see it.
func view(ctx context.Context, read func(w *engine.World)) {
	c := from(ctx)
	if c.behind > 0 {
		c.Sandbox.ViewPast(c.behind, read)
		return
	}
	c.Sandbox.View(read)
}
