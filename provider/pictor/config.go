package pictor

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

const (
	// DefaultEndpoint is where Pictor's API is. That it is the host is
	// documented, that the base path is /api is inferred.
	DefaultEndpoint = "https://apiv2.pictor.network/api"
	// DefaultTimeout bounds one attempt at one request, its answer included.
	DefaultTimeout = 30 * time.Second
)

// Config is what a [Client] needs. Only APIKey must be given.
type Config struct {
	// Endpoint is the base URL; empty means [DefaultEndpoint].
	Endpoint string
	// APIKey is the secret from the API Keys page of the Pictor App. Blanks
	// around it are dropped.
	APIKey string
	// SpareKey is tried in its place once the service refuses APIKey (401), such
	// as a new key beside one that was revoked. Empty means none.
	SpareKey string
	// AuthHeader and AuthScheme say how the key travels: "Authorization" and
	// "Bearer" if left empty. With another header and an empty scheme the bare
	// key is sent.
	AuthHeader, AuthScheme string
	// AllowInsecure permits plain http to a host that is not this machine. The
	// key then crosses the network unencrypted.
	AllowInsecure bool
	// RequestsPerMinute is never exceeded in any 60 seconds. Zero leaves it to
	// what the service advertises.
	RequestsPerMinute int
	// Timeout bounds one attempt; zero means [DefaultTimeout].
	Timeout time.Duration
	// Version of the caller, for the User-Agent.
	Version string
	// Transport carries the requests; nil means a clone of
	// http.DefaultTransport, which honors HTTPS_PROXY. An *http.Transport is
	// cloned for the requests that need a connection of their own.
	Transport http.RoundTripper
	// CAFile is a PEM file with certificates that are trusted besides the
	// system's. With a Transport of another kind than *http.Transport it must
	// be empty.
	CAFile string
	// Clock is the time; nil means the machine's. Timeouts always run on the
	// machine's clock, because contexts do.
	Clock Clock
	// Rand gives jitter in [0,1); nil means math/rand/v2. It must be safe for
	// concurrent use.
	Rand func() float64
	// Log gets one line an exchange, at debug level: method, path, status,
	// duration, attempt, request id. At [LevelTrace] the line has headers and
	// bodies too, without the secrets. Nil means none.
	Log *slog.Logger
}

// String leaves the key out.
func (c Config) String() string {
	return fmt.Sprintf("pictor.Config{Endpoint: %q, APIKey: [redacted]}", c.Endpoint)
}

// GoString leaves the key out.
func (c Config) GoString() string { return c.String() }

// LogValue leaves the key out.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

func (c Config) keys() []string {
	if c.SpareKey == "" || c.SpareKey == c.APIKey {
		return []string{c.APIKey}
	}
	return []string{c.APIKey, c.SpareKey}
}

// complete checks what was given and fills in the rest.
func (c Config) complete() (Config, error) {
	c.APIKey, c.SpareKey = strings.TrimSpace(c.APIKey), strings.TrimSpace(c.SpareKey)
	switch {
	case c.APIKey == "":
		return c, invalid("the API key is empty; set PICTOR_API_KEY; keys are made at app.pictor.network/account/keys")
	case !visibleASCII(c.APIKey) || !visibleASCII(c.SpareKey):
		return c, invalid("the API key has blanks or other characters that no header can carry; copy it again (PICTOR_API_KEY)")
	}
	if c.AuthHeader == "" {
		c.AuthHeader = headerAuthorization
	}
	if c.AuthScheme == "" && strings.EqualFold(c.AuthHeader, headerAuthorization) {
		c.AuthScheme = "Bearer"
	}
	if !headerName(c.AuthHeader) {
		return c, invalid("%q is not the name of a header that a key can travel in", c.AuthHeader)
	}
	if c.AuthScheme != "" && !headerName(c.AuthScheme) {
		return c, invalid("%q is not an authentication scheme", c.AuthScheme)
	}
	if c.RequestsPerMinute < 0 {
		return c, invalid("requests per minute are %d; write 0 for no limit of your own", c.RequestsPerMinute)
	}
	if c.Timeout <= 0 {
		c.Timeout = DefaultTimeout
	}
	if c.CAFile != "" {
		if c.Transport == nil {
			c.Transport = ownTransport()
		}
		transport, ok := c.Transport.(*http.Transport)
		if !ok {
			return c, invalid("certificates of one's own (caFile) do not go with a transport that is no *http.Transport")
		}
		var err error
		if c.Transport, err = trusting(transport, c.CAFile); err != nil {
			return c, err
		}
	}
	if c.Version == "" || !visibleASCII(c.Version) {
		c.Version = "dev"
	}
	if c.Clock == nil {
		c.Clock = wallClock{}
	}
	if c.Rand == nil {
		c.Rand = rand.Float64
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// invalid says that the configuration, not a request, is at fault.
func invalid(format string, args ...any) *Error {
	return &Error{Code: CodeValidation, Operation: "configure Pictor", Message: fmt.Sprintf(format, args...)}
}
