// Package control is what can be done to a simulator that cannot be done to
// Pictor: everything below /_sim. Without a key of its own it takes requests only
// from programs on this machine, and never from a web page (access.go).
package control

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// BasePath is where the control API begins.
const BasePath = "/_sim"

// maxBody is the longest request body that is read, as echo spells 1 MiB.
const maxBody = "1MiB"

// handlers carries out the operations of the control API, a file a noun.
type handlers struct{ store *store.Store }

// Register puts the control API below BasePath. The routes stand alone, as a
// group's catch-all route would turn every 405 into a 404.
func Register(e *echo.Echo, sandboxes *store.Store, access Access) {
	h := handlers{sandboxes}
	guards := append(access.guards(), middleware.BodyLimit(maxBody))
	route := func(method, path string, handler echo.HandlerFunc) { e.Add(method, BasePath+path, handler, guards...) }

	route(http.MethodGet, "/keys", h.listKeys)
	route(http.MethodPost, "/keys", h.createKey)
	route(http.MethodDelete, "/keys/:id", h.revokeKey)

	route(http.MethodGet, "/faults", h.listFaults)
	route(http.MethodPost, "/faults", h.addFaults)
	route(http.MethodDelete, "/faults", h.clearFaults)
	route(http.MethodPost, "/faults/reset", h.resetFaults)
	route(http.MethodGet, "/faults/:id", h.getFault)
	route(http.MethodDelete, "/faults/:id", h.removeFault)
}

// selected is the sandbox that a request is about: the one that it names
// (?sandbox=sbx_1), else the one whose API key comes along, as it would to
// Pictor's API, else the oldest one.
func (h handlers) selected(c echo.Context) (*store.Sandbox, error) {
	if id := c.QueryParam("sandbox"); id != "" {
		return h.store.ByID(id)
	}
	if secret := api.Key(c.Request()); secret != "" {
		sandbox, ok := h.store.ByKey(secret)
		if !ok {
			return nil, echo.NewHTTPError(http.StatusUnauthorized, "The API key belongs to no sandbox.")
		}
		return sandbox, nil
	}
	if first := h.store.First(); first != nil {
		return first, nil
	}
	return nil, echo.NewHTTPError(http.StatusNotFound, "There is no sandbox; make one with POST "+BasePath+"/sandboxes.")
}
