// Package control is what can be done to a simulator that cannot be done to
// Pictor: everything below /_sim. Without a key of its own it takes requests only
// from programs on this machine, and never from a web page (access.go).
package control

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// BasePath is where the control API begins.
const BasePath = "/_sim"

// maxBody is the longest request body that is read; a snapshot may be longer: a year
// of a thousand machines has some 130 MB. They are spelled as echo does.
const (
	maxBody     = "1MiB"
	maxSnapshot = "1GiB"
)

// Config is what the control API needs.
type Config struct {
	Store *store.Store
	// Key, if any, must come along in [KeyHeader]. It is what lets others in, so
	// then it does not matter where a request comes from, and no web page has it.
	Key string
	// Admitted, if any, is told of every request that is let in. It may change the
	// request, which is the handlers' own.
	Admitted func(r *http.Request)
	// Ending is closed when the simulator shuts down; then live streams end. Nil
	// is never.
	Ending <-chan struct{}
	// Heartbeat is how often a live stream shows that it lives; 0 means 15 s.
	Heartbeat time.Duration
}

// handlers carries out the operations of the control API, a file a noun.
type handlers struct {
	store     *store.Store
	hints     *api.Hints
	ending    <-chan struct{}
	heartbeat time.Duration
}

// Register puts the control API below BasePath. The routes stand alone, as a
// group's catch-all route would turn every 405 into a 404.
func Register(e *echo.Echo, cfg Config) {
	h := handlers{store: cfg.Store, hints: api.NewHints(), ending: cfg.Ending, heartbeat: cmp.Or(cfg.Heartbeat, 15*time.Second)}
	within := func(limit string) func(method, path string, handler echo.HandlerFunc) {
		guards := append(slices.Clip(guards(cfg.Key)), admit(cfg.Admitted), bodyLimit(limit))
		return func(method, path string, handler echo.HandlerFunc) { e.Add(method, BasePath+path, handler, guards...) }
	}
	route, large := within(maxBody), within(maxSnapshot)

	route(http.MethodGet, "/sandboxes", h.listSandboxes)
	large(http.MethodPost, "/sandboxes", h.createSandbox)
	route(http.MethodGet, "/sandboxes/:id", h.getSandbox)
	route(http.MethodDelete, "/sandboxes/:id", h.deleteSandbox)
	route(http.MethodPost, "/sandboxes/:id/reset", h.resetSandbox)
	route(http.MethodPost, "/sandboxes/:id/fork", h.forkSandbox)

	route(http.MethodGet, "/keys", h.listKeys)
	route(http.MethodPost, "/keys", h.createKey)
	route(http.MethodDelete, "/keys/:id", h.revokeKey)

	route(http.MethodGet, "/clock", h.getClock)
	route(http.MethodPut, "/clock", h.setClock)
	route(http.MethodPost, "/clock/advance", h.advanceClock)

	route(http.MethodGet, "/faults", h.listFaults)
	route(http.MethodPost, "/faults", h.addFaults)
	route(http.MethodDelete, "/faults", h.clearFaults)
	route(http.MethodPost, "/faults/reset", h.resetFaults)
	route(http.MethodGet, "/faults/:id", h.getFault)
	route(http.MethodDelete, "/faults/:id", h.removeFault)

	route(http.MethodGet, "/requests", h.listRequests)
	route(http.MethodDelete, "/requests", h.clearRequests)
	route(http.MethodGet, "/requests/stream", h.streamRequests)

	route(http.MethodGet, "/snapshot", h.getSnapshot)
	large(http.MethodPut, "/snapshot", h.putSnapshot)

	route(http.MethodGet, "/ledger", h.getLedger)
	route(http.MethodPost, "/credits", h.addCredits)
	route(http.MethodGet, "/bill", h.getBill)
}

// bodyLimit refuses longer bodies and says how long they may be.
func bodyLimit(limit string) echo.MiddlewareFunc {
	guard := middleware.BodyLimit(limit)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		guarded := guard(next)
		return func(c echo.Context) error {
			err := guarded(c)
			if errors.Is(err, echo.ErrStatusRequestEntityTooLarge) {
				return echo.NewHTTPError(http.StatusRequestEntityTooLarge, "The body is longer than "+limit+".")
			}
			return err
		}
	}
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
