package pictor

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// farthest bounds what is believed of a date in a header.
const farthest = 24 * time.Hour

// retryAfter reads Retry-After, in seconds or as a date. False if there is none
// or it cannot be read.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	value := strings.TrimSpace(h.Get(headerRetryAfter))
	if d, ok := seconds(value); ok {
		return d, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return until(at, h, now), true
}

// resetAfter reads X-RateLimit-Reset, as a time in seconds since 1970 or as
// seconds to wait.
func resetAfter(h http.Header, now time.Time) (time.Duration, bool) {
	d, ok := seconds(h.Get(headerReset))
	if !ok || d < 30*365*24*time.Hour {
		return d, ok
	}
	return until(time.Unix(int64(d/time.Second), 0), h, now), true
}

// until gives the time from the answer to a date in it. The answer's own Date
// counts first: the service's clock need not agree with ours.
func until(at time.Time, h http.Header, now time.Time) time.Duration {
	if date, err := http.ParseTime(h.Get(headerDate)); err == nil {
		if d := at.Sub(date); d >= 0 && d <= farthest {
			return d
		}
	}
	return min(max(at.Sub(now), 0), farthest)
}

func seconds(s string) (time.Duration, bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	// 9e9 s are 285 years, the most that a Duration holds.
	if err != nil || !(n >= 0 && n < 9e9) {
		return 0, false
	}
	return time.Duration(n * float64(time.Second)), true
}
