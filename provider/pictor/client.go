package pictor

import (
	"context"
	"net/http"
	"net/url"
	"sync/atomic"
)

// Client speaks to Pictor. It is safe for concurrent use, and all that share it
// share one rate limit.
type Client struct {
	endpoint *url.URL
	server   string // the endpoint as the generated request builders want it
	do       handler
	hidden   *secrets
	key      *atomic.Int64 // the place of the key in use
}

// New makes a client. It sends nothing. The error is an [*Error] with
// [CodeValidation]: an empty key, an endpoint that is not a URL, or one with
// plain http to another machine.
func New(config Config) (*Client, error) {
	config, err := config.complete()
	if err != nil {
		return nil, err
	}
	endpoint, err := parseEndpoint(config.Endpoint, config.AllowInsecure)
	if err != nil {
		return nil, err
	}
	hidden := newSecrets(config.keys()...)
	key := &atomic.Int64{}
	return &Client{endpoint: endpoint, server: endpoint.String(), do: chain(config, endpoint, hidden, key), hidden: hidden, key: key}, nil
}

// UsesSpareKey tells whether the service has refused the key, so that the spare
// one has taken its place, which may be another account's.
func (c *Client) UsesSpareKey() bool { return c.key.Load() > 0 }

// Hide keeps more secrets than the key out of errors and logs from now on, such
// as the passwords of machines: a service may repeat them whatever it is asked.
func (c *Client) Hide(secrets ...string) { c.hidden.add(secrets...) }

// Endpoint is the base URL in use, with a slash at its end.
func (c *Client) Endpoint() string { return c.server }

// chain is what happens to a request, from the call down to the wire.
func chain(config Config, endpoint *url.URL, hidden *secrets, key *atomic.Int64) handler {
	return assemble(
		explain(hidden),                  // say what was tried, without the key
		retry(config.Clock, config.Rand), // again, where again is safe
		limit(newLimiter(config.Clock, config.Rand, config.RequestsPerMinute)), // below the rate limit
		record(config.Log, config.Clock, hidden, config.AuthHeader),            // one line an exchange
		deadline(config.Timeout),      // no attempt lasts forever
		decode(),                      // the body into the caller's value
		judge(endpoint, config.Clock), // what a failure means
		redirect(),                    // never to another host
		authorize(config.AuthHeader, config.AuthScheme, config.keys(), key),
		agent(config.Version),
		askForJSON(),
		transmit(config.Transport),
	)
}

// call is what a method of the client asks for, however many attempts it takes.
type call struct {
	// operation is for a person: `rent instance "trainer"`.
	operation string
	// once marks what pays or adds something: it is sent again only if it
	// certainly was not acted upon.
	once bool
	// accept reads the body of a 2xx answer; nil if it does not matter.
	accept func(body []byte) error
}

// exchange is one call under way.
type exchange struct {
	call
	request *http.Request // as the contract builds it; transmit sends a copy
	attempt int           // from 1
	left    bool          // in this attempt something of the request may have left
	answer  *answer       // the latest one of this attempt
	place   place         // among those who wait for their turn
}

// answer is a response that was read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
	cut    error // why the body is not whole
}

// handler takes an exchange one step further. Below judge errors are what they
// are; above it they are all *Error.
type handler func(ctx context.Context, x *exchange) (*answer, error)

// link puts something before a handler.
type link func(next handler) handler

// assemble joins the links, outermost first; the last one asks no other.
func assemble(links ...link) handler {
	var h handler
	for i := len(links) - 1; i >= 0; i-- {
		h = links[i](h)
	}
	return h
}

// exchange carries out a call. The error of the request's builder is passed in,
// so that the methods stay one line long.
func (c *Client) exchange(ctx context.Context, call call, request *http.Request, built error) error {
	if built != nil {
		return &Error{Code: CodeValidation, Operation: call.operation, Message: "the request cannot be built: " + built.Error(), Err: built}
	}
	_, err := c.do(ctx, &exchange{call: call, request: request})
	return err
}
