package control

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
)

// KeyHeader carries the control API's own key.
const KeyHeader = "X-Sim-Key"

// guards keep out who may not use the control API.
func guards(key string) []echo.MiddlewareFunc {
	if key != "" {
		return []echo.MiddlewareFunc{requireKey(key)}
	}
	return []echo.MiddlewareFunc{refuseStrangers, refuseWebPages}
}

// requireKey refuses requests without the key, which it compares in constant time.
func requireKey(key string) echo.MiddlewareFunc {
	want := sha256.Sum256([]byte(key))
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			got := sha256.Sum256([]byte(c.Request().Header.Get(KeyHeader)))
			if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
				return echo.NewHTTPError(http.StatusUnauthorized, "the control API has a key of its own: send it in the header "+KeyHeader)
			}
			return next(c)
		}
	}
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

var errOtherPage = echo.NewHTTPError(http.StatusForbidden, "the control API takes no requests from other web pages")

// refuseWebPages keeps pages that a browser on this machine has open from
// driving the simulator: by their Origin, by what the browser says of where they
// come from (an image has no Origin), and by their Host, which after DNS rebinding
// is still the page's own name.
func refuseWebPages(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if origin := c.Request().Header.Get(echo.HeaderOrigin); origin != "" {
			u, err := url.Parse(origin)
			if err != nil || u.Host != c.Request().Host {
				return errOtherPage
			}
		}
		switch c.Request().Header.Get("Sec-Fetch-Site") {
		case "cross-site", "same-site": // another port of this machine is of the same site
			return errOtherPage
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

// admit tells of requests that nobody has refused.
func admit(tell func(r *http.Request)) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if tell != nil {
				own := *c.Request()
				tell(&own)
				c.SetRequest(&own)
			}
			return next(c)
		}
	}
}
