package pictor

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
)

// Headers that the contract's operations do not list.
const (
	headerAuthorization = "Authorization"
	headerAccept        = "Accept"
	headerUserAgent     = "User-Agent"
	headerContentType   = "Content-Type"
	headerLocation      = "Location"
	headerDate          = "Date"
	headerRetryAfter    = "Retry-After"
	headerLimit         = "X-RateLimit-Limit"     // requests a minute
	headerRemaining     = "X-RateLimit-Remaining" // requests left until the reset
	headerReset         = "X-RateLimit-Reset"     // seconds since 1970, as Laravel sends it, or seconds to wait
)

// headerRequestIDs are where services put the id of a request, best first.
var headerRequestIDs = []string{"X-Request-Id", "X-Correlation-Id", "Request-Id", "Cf-Ray"}

// authorize puts the key on the request. A key that is refused gives way to the
// next one for good: the refused request was not acted upon. What pays or adds is
// sent again only after an API's own words: a proxy also spoils answers. current
// is the place of the key that is in use.
func authorize(header, scheme string, keys []string, current *atomic.Int64) link {
	return func(next handler) handler {
		return func(ctx context.Context, x *exchange) (*answer, error) {
			for {
				n := current.Load()
				x.request.Header.Set(header, strings.TrimSpace(scheme+" "+keys[n]))
				a, err := next(ctx, x)
				if err != nil || a.status != http.StatusUnauthorized || int(n) == len(keys)-1 {
					return a, err
				}
				if x.once && !readRefusal(a).worded {
					return a, nil
				}
				current.CompareAndSwap(n, n+1)
			}
		}
	}
}

// agent says who asks.
func agent(version string) link {
	return set(headerUserAgent, fmt.Sprintf("pulumi-pictor/%s (+https://github.com/pulumi-pictor/pulumi-pictor)", version))
}

// askForJSON matters: without it Laravel answers a bad request with a redirect.
func askForJSON() link { return set(headerAccept, "application/json, text/plain;q=0.5, */*;q=0.1") }

func set(header, value string) link {
	return func(next handler) handler {
		return func(ctx context.Context, x *exchange) (*answer, error) {
			x.request.Header.Set(header, value)
			return next(ctx, x)
		}
	}
}

// requestID gives the service's name for an exchange, or "".
func requestID(h http.Header) string {
	for _, name := range headerRequestIDs {
		if id := h.Get(name); id != "" {
			return id
		}
	}
	return ""
}

func visibleASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// headerName says whether s is a token of RFC 9110, section 5.6.2.
func headerName(s string) bool {
	return s != "" && visibleASCII(s) && !strings.ContainsAny(s, "\"(),/:;<=>?@[\\]{}")
}
