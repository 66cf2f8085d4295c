package pictor

import (
	"context"
	"fmt"
	"net/http"
)

// mostHops bounds the redirects of one request.
const mostHops = 5

// redirect follows a redirect of a GET within the same scheme, host and port.
// Everything else is an error that names both places: the key must not travel
// to another host, and what changes something must not be repeated elsewhere.
func redirect() link {
	return func(next handler) handler {
		return func(ctx context.Context, x *exchange) (*answer, error) {
			asked := x.request
			defer func() { x.request = asked }()
			for hop := 1; ; hop++ {
				a, err := next(ctx, x)
				if err != nil || !isRedirect(a.status) {
					return a, err
				}
				from := x.request.URL
				to, err := from.Parse(a.header.Get(headerLocation))
				var why string
				switch {
				case err != nil || a.header.Get(headerLocation) == "":
					why = fmt.Sprintf("%s redirects to nowhere", origin(from))
				case !sameOrigin(from, to):
					why = fmt.Sprintf("%s redirects to %s, where the API key is not sent", origin(from), origin(to))
				case asked.Method != http.MethodGet:
					why = fmt.Sprintf("%s redirects a %s to %s%s, which is not followed", origin(from), asked.Method, origin(to), to.Path)
				case hop > mostHops:
					why = fmt.Sprintf("%s redirects more than %d times, at last to %s%s", origin(from), mostHops, origin(to), to.Path)
				default:
					x.request = asked.Clone(ctx)
					x.request.URL, x.request.Host = to, ""
					continue
				}
				e := &Error{Code: CodeRejected, Status: a.status, RequestID: requestID(a.header), Message: why, final: true}
				if x.once && !certainlyRefused(a.status) {
					e.Code = CodeAmbiguous
				}
				return nil, e
			}
		}
	}
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}
