package pictor

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// firstPace is the gap between requests after a 429 that came without a
	// limit. It doubles with every further 429 in a row, shrinks with every
	// answer, and ends a minute after the last 429.
	firstPace    = 250 * time.Millisecond
	shortestPace = 25 * time.Millisecond
	longestPace  = 5 * time.Second
	// shortWindow is up to when a limit is kept by an even pace. Services tell
	// the end of a window in whole seconds, and to wait for them would lose most
	// of a short one.
	shortWindow = 10 * time.Second
)

// limiter decides when the next request may be sent. One is shared by all
// callers of a client, so that a hundred of them do not rush in together after
// a 429.
type limiter struct {
	clock  Clock
	random func() float64
	bucket *rate.Limiter // the caller's own limit; nil if none

	mu       sync.Mutex
	queue    queue
	inFlight int
	last     time.Time // the latest request was sent then
	// window is when the minute began in which the requests are counted as the
	// service does; used is how many were sent in it.
	window time.Time
	used   int
	// What the service advertises: limit requests a minute (0: not known) of
	// which remaining are left, if counted, until reset (zero: it did not say).
	limit, remaining int
	counted          bool
	reset            time.Time
	period           time.Duration // of the service's window, if it tells; 0: not known
	// After a 429: nothing before notBefore, then one request a pace.
	throttled, notBefore time.Time
	strikes              int
	pace, tooFast        time.Duration // tooFast: the latest pace that met a 429
	calm                 int           // answers since then at a pace near it
}

// turn is the permission to send one request.
type turn struct {
	sent  time.Time
	first bool // the first one in its window
}

// newLimiter makes a limiter. With perMinute above 0 no 60 seconds see more
// requests than that: a quarter may go at once, the rest is spread.
func newLimiter(clock Clock, random func() float64, perMinute int) *limiter {
	l := &limiter{clock: clock, random: random}
	if perMinute > 0 {
		burst := max(1, perMinute/4)
		// From the start of a minute the burst and all but the last of what
		// flows in during it can be used.
		l.bucket = rate.NewLimiter(rate.Limit(float64(perMinute-burst+1)/60), burst)
	}
	return l
}

// take gives a turn, or how long to wait before asking again. The lock must be held.
func (l *limiter) take() (turn, time.Duration) {
	now := l.clock.Now()
	l.renew(now)
	if opens := l.opens(now); opens.After(now) {
		return turn{}, opens.Sub(now)
	}
	l.used++
	l.inFlight++
	l.remaining--
	l.last = now
	if l.bucket != nil {
		l.bucket.ReserveN(now, 1)
	}
	return turn{sent: now, first: l.used == 1}, 0
}

// renew begins a new count when the service does: at the reset that it
// advertised, else when a minute is over.
func (l *limiter) renew(now time.Time) {
	over := l.window.Add(time.Minute)
	if !l.reset.IsZero() {
		over = l.reset
	}
	if now.Before(over) {
		return
	}
	l.window, l.used, l.reset = now, 0, time.Time{}
	l.counted = l.counted && l.limit > 0
	// What is still under way may be counted into the new minute.
	l.remaining = l.limit - l.inFlight
}

// opens gives the time of the next turn, as far as it is known now.
func (l *limiter) opens(now time.Time) time.Time {
	at := latest(now, l.notBefore, l.last.Add(l.pace))
	if l.counted && l.remaining <= 0 && l.even() == 0 {
		at = latest(at, l.refill())
	}
	if l.bucket != nil {
		if missing := 1 - l.bucket.TokensAt(now); missing > 1e-9 {
			wait := time.Duration(missing / float64(l.bucket.Limit()) * float64(time.Second))
			at = latest(at, now.Add(wait+time.Millisecond))
		}
	}
	return at
}

// refill gives the time when a request may be sent although none is left.
func (l *limiter) refill() time.Time {
	switch {
	case !l.reset.IsZero():
		return l.reset
	case l.limit > 0 && l.used >= l.limit:
		// We alone used them up. The service's minute may have begun as late as
		// our first answer in it.
		return l.window.Add(time.Minute)
	case l.limit > 0:
		// Others use the same key; take an even share until a 429 says more.
		return l.last.Add(time.Minute / time.Duration(l.limit))
	}
	return l.last.Add(time.Second)
}

func latest(times ...time.Time) time.Time {
	var at time.Time
	for _, t := range times {
		if t.After(at) {
			at = t
		}
	}
	return at
}

// count reads a header that is a whole number, not below zero.
func count(h http.Header, name string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(h.Get(name)))
	return n, err == nil && n >= 0
}
