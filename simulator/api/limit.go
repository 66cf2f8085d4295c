package api

import (
	"crypto/sha256"
	"maps"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// limiter counts requests in fixed windows, as Laravel's throttle does.
type limiter struct {
	wall func() time.Time

	mu      sync.Mutex
	windows map[keyHash]*window
}

// keyHash stands for an API key's secret.
type keyHash = [sha256.Size]byte

type window struct {
	ends time.Time
	used int
}

func newLimiter(wall func() time.Time) *limiter {
	return &limiter{wall: wall, windows: map[keyHash]*window{}}
}

// take counts a request; left is below 0 when it is one too many.
func (l *limiter) take(key keyHash, limit store.Limit) (left int, wait time.Duration, reset time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.wall()
	w := l.windows[key]
	if w == nil || !now.Before(w.ends) {
		// Windows that are over, this key's and all others', are forgotten.
		maps.DeleteFunc(l.windows, func(_ keyHash, w *window) bool { return !now.Before(w.ends) })
		w = &window{ends: now.Add(limit.Per)}
		l.windows[key] = w
	}
	w.used++
	return limit.Requests - w.used, w.ends.Sub(now), w.ends
}

func (l *limiter) limit(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		call := from(c.Request().Context())
		limit := call.Settings.Limit
		if limit.Requests == 0 {
			return next(c)
		}
		left, wait, reset := l.take(call.key, limit)
		seconds := strconv.Itoa(int(math.Ceil(wait.Seconds())))
		h := c.Response().Header()
		if limit.Says == store.LimitSaysAll {
			h.Set("X-RateLimit-Limit", strconv.Itoa(limit.Requests))
			h.Set("X-RateLimit-Remaining", strconv.Itoa(max(left, 0)))
			h.Set("X-RateLimit-Reset", strconv.FormatInt(int64(math.Ceil(float64(reset.UnixMilli())/1000)), 10))
		}
		if left < 0 {
			if limit.Says == store.LimitSaysNothing {
				return refuse(http.StatusTooManyRequests, "rate_limited", "Too many requests.")
			}
			h.Set("Retry-After", seconds)
			return refuse(http.StatusTooManyRequests, "rate_limited", "Too many requests; try again in "+seconds+" s.")
		}
		return next(c)
	}
}
