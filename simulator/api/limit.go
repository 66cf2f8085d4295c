package api

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// Limit is how many requests a sandbox may send in a time, in wall-clock time.
type Limit struct {
	Requests int
	Per      time.Duration
}

// StrictLimit is the limit of the simulator's strict mode (Laravel's usual one).
var StrictLimit = Limit{Requests: 60, Per: time.Minute}

// limiter counts requests in fixed windows, as Laravel's throttle does.
type limiter struct {
	Limit
	wall func() time.Time

	mu      sync.Mutex
	windows map[*store.Sandbox]*window
}

type window struct {
	ends time.Time
	used int
}

func newLimiter(l Limit, wall func() time.Time) *limiter {
	return &limiter{Limit: l, wall: wall, windows: map[*store.Sandbox]*window{}}
}

// take counts a request; left is below 0 when it is one too many.
func (l *limiter) take(s *store.Sandbox) (left int, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.wall()
	w := l.windows[s]
	if w == nil || !now.Before(w.ends) {
		w = &window{ends: now.Add(l.Per)}
		l.windows[s] = w
	}
	w.used++
	return l.Requests - w.used, w.ends.Sub(now)
}

func (l *limiter) limit(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if l.Requests == 0 {
			return next(c)
		}
		left, wait := l.take(sandboxOf(c.Request().Context()))
		seconds := strconv.Itoa(int(math.Ceil(wait.Seconds())))
		h := c.Response().Header()
		h.Set("X-RateLimit-Limit", strconv.Itoa(l.Requests))
		h.Set("X-RateLimit-Remaining", strconv.Itoa(max(left, 0)))
		if left < 0 {
			h.Set("Retry-After", seconds)
			return refuse(http.StatusTooManyRequests, "rate_limited", "Too many requests; try again in "+seconds+" s.")
		}
		return next(c)
	}
}
