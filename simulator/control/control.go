// Package control is what can be done to a simulator that cannot be done to
// Pictor: everything below /_sim. It needs no API key, so it takes requests only
// from programs on this machine, never from a web page.
package control

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// BasePath is where the control API begins.
const BasePath = "/_sim"

// maxBody is the longest request body that is read, as echo spells 1 MiB.
const maxBody = "1MiB"

// Register puts the control API of a sandbox below BasePath. The routes stand
// alone, as a group's catch-all route would turn every 405 into a 404.
func Register(e *echo.Echo, sandbox *store.Sandbox) {
	h := keyHandlers{sandbox}
	guards := []echo.MiddlewareFunc{refuseStrangers, refuseWebPages, middleware.BodyLimit(maxBody)}
	e.GET(BasePath+"/keys", h.list, guards...)
	e.POST(BasePath+"/keys", h.create, guards...)
	e.DELETE(BasePath+"/keys/:id", h.revoke, guards...)
}

// refuseStrangers keeps other machines out, also when the API listens to them.
func refuseStrangers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		host, _, err := net.SplitHostPort(c.Request().RemoteAddr)
		if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
			return echo.NewHTTPError(http.StatusForbidden, "the control API takes requests from this machine only")
		}
		return next(c)
	}
}

// refuseWebPages keeps pages that a browser on this machine has open from
// driving the simulator: by their Origin, and by their Host, which after DNS
// rebinding is still the page's own name.
func refuseWebPages(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if origin := c.Request().Header.Get(echo.HeaderOrigin); origin != "" {
			u, err := url.Parse(origin)
			if err != nil || u.Host != c.Request().Host {
				return echo.NewHTTPError(http.StatusForbidden, "the control API takes no requests from other web pages")
			}
		}
		host := c.Request().Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		if ip := net.ParseIP(strings.Trim(host, "[]")); ip == nil && host != "localhost" {
			return echo.NewHTTPError(http.StatusForbidden, "the control API is reached by an IP address or as localhost, not as "+host)
		}
		return next(c)
	}
}

// Key is an API key as the control API shows it.
type Key struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Hint      string     `json:"hint"` // the secret's last four characters
	CreatedAt time.Time  `json:"created_at"`
	RevokedAt *time.Time `json:"revoked_at"`
	// Secret is shown once, by the request that makes the key.
	Secret string `json:"secret,omitempty"`
}

// NewKey is what is needed to make an API key.
type NewKey struct {
	Name string `json:"name"`
	// Secret is drawn at random when it is empty.
	Secret string `json:"secret,omitempty"`
}

type keyHandlers struct{ sandbox *store.Sandbox }

func (h keyHandlers) list(c echo.Context) error {
	keys := []Key{}
	h.sandbox.View(func(w *engine.World) {
		for _, k := range w.APIKeys() {
			keys = append(keys, shown(k, ""))
		}
	})
	return c.JSON(http.StatusOK, keys)
}

func (h keyHandlers) create(c echo.Context) error {
	var asked NewKey
	if err := c.Bind(&asked); err != nil {
		return err
	}
	key, secret, err := h.sandbox.CreateKey(asked.Name, asked.Secret)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, shown(key, secret))
}

func (h keyHandlers) revoke(c echo.Context) error {
	key, err := h.sandbox.RevokeKey(c.Param("id"))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shown(key, ""))
}

func shown(k engine.APIKey, secret string) Key {
	out := Key{ID: k.ID, Name: k.Name, Hint: k.Hint, CreatedAt: k.CreatedAt, Secret: secret}
	if !k.RevokedAt.IsZero() {
		out.RevokedAt = &k.RevokedAt
	}
	return out
}
