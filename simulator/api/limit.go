package api

import (
	"context"
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

// window is a time in which the requests of a key are counted. It is of one
// world: after a reset, the next request begins another.
type window struct {
	world context.Context // its lifetime
	ends  time.Time       // by the wall clock
	used  int
}

func newLimiter(wall func() time.Time) *limiter {
	return &limiter{wall: wall, windows: map[keyHash]*window{}}
}

// take counts a request; left is below 0 when it is one too many. A window ends
// after a time on the wall clock, whatever the sandbox's does.
func (l *limiter) take(call *call) (left int, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	limit, now := call.Settings.Limit, l.wall()
	w := l.windows[call.key]
	if !w.counts(call, now) {
		// Windows that are over, this key's and all others', are forgotten.
		maps.DeleteFunc(l.windows, func(_ keyHash, w *window) bool { return !now.Before(w.ends) })
		w = &window{world: call.Lifetime, ends: now.Add(limit.Per)}
		l.windows[call.key] = w
	}
	w.used++
	return limit.Requests - w.used, w.ends.Sub(now)
}

// exhausted tells whether a request would be one too many, and does not count it.
func (l *limiter) exhausted(call *call) bool {
	limit := call.Settings.Limit
	if limit.Requests == 0 {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.windows[call.key]
	return w.counts(call, l.wall()) && w.used >= limit.Requests
}

// counts tells whether the window, if there is one, is still that of a request.
// One that came before a reset begins none of its own any more.
func (w *window) counts(call *call, now time.Time) bool {
	return w != nil && now.Before(w.ends) && (w.world == call.Lifetime || call.Lifetime.Err() != nil)
}

func (l *limiter) limit(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		call := callOf(c)
		limit := call.Settings.Limit
		if limit.Requests == 0 {
			return next(c)
		}
		left, wait := l.take(call)
		seconds := strconv.Itoa(int(math.Ceil(wait.Seconds())))
		h := c.Response().Header()
		if limit.Says == store.LimitSaysAll {
			h.Set("X-RateLimit-Limit", strconv.Itoa(limit.Requests))
			h.Set("X-RateLimit-Remaining", strconv.Itoa(max(left, 0)))
			// In the time of the answer's Date, which clients hold it against.
			h.Set("X-RateLimit-Reset", strconv.FormatInt(ceilUnix(call.Arrived.Add(wait)), 10))
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

// ceilUnix is a time in whole seconds since 1970, rounded up.
func ceilUnix(t time.Time) int64 { return t.Add(time.Second - 1).Unix() }
