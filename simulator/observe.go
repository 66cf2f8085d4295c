package simulator

import (
	"crypto/rand"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
)

// maxRequestID is the longest id of a request that is taken from a client.
const maxRequestID = 128

// requestIDs gives every request an id, the client's own if it has a sound one,
// and tells it to the client. Ids that it gives out itself count up behind a
// random beginning.
func requestIDs() echo.MiddlewareFunc {
	beginning := rand.Text()[:12] + "-"
	var count atomic.Uint64
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			id := c.Request().Header.Get(echo.HeaderXRequestID)
			if !sound(id) {
				id = string(strconv.AppendUint([]byte(beginning), count.Add(1), 10))
			}
			c.Response().Header()[echo.HeaderXRequestID] = []string{id}
			return next(c)
		}
	}
}

func sound(id string) bool {
	return id != "" && len(id) <= maxRequestID && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' })
}

// observe counts requests and, at debug level, logs a line for each; never a
// header or a body, where secrets are. What it measures is the simulator, not its
// world, so it asks no clock of the world's.
func observe(log *slog.Logger, m *metrics) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			began := time.Now()
			if err := next(c); err != nil {
				c.Error(err)
			}
			took := time.Since(began)
			r, status := c.Request(), c.Response().Status
			m.request(r.Method, c.Path(), status, took)
			if log.Enabled(r.Context(), slog.LevelDebug) {
				log.DebugContext(r.Context(), "request", api.Logged(c), "status", status, "took", took)
			}
			return nil
		}
	}
}

// recoverPanics turns a panic into a 500 and logs where it came from.
func recoverPanics(log *slog.Logger) echo.MiddlewareFunc {
	return middleware.RecoverWithConfig(middleware.RecoverConfig{
		DisableStackAll: true,
		LogErrorFunc: func(c echo.Context, err error, stack []byte) error {
			log.ErrorContext(c.Request().Context(), "panic", "error", err, "stack", string(stack))
			return err
		},
	})
}
