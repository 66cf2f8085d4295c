package contract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"golang.org/x/net/http/httpguts"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
)

// ProbeConfig says which service to look at, and with which key.
type ProbeConfig struct {
	// Endpoint is the address of the API, as in PICTOR_ENDPOINT.
	Endpoint string
	APIKey   string
	// Header carries the key; "" is Authorization, in which it is a bearer token.
	Header string
	// HTTP sends the requests; nil means a client with a limit of 30 s each.
	// Redirects are never followed.
	HTTP *http.Client
	// Pause is between two requests; 0 means [DefaultPause].
	Pause time.Duration
	// Now and Sleep are the clock; nil means the real one. Sleep returns early,
	// with the context's error, when the context ends.
	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration) error
}

// DefaultPause is gentle to a service and bearable for a person.
const DefaultPause = 250 * time.Millisecond

// maxRequests bounds what a probe sends, repetitions included.
const maxRequests = 15

// ProbeReport says where a service answers otherwise than the contract. It has
// neither the key nor anything else that belongs to the account.
type ProbeReport struct {
	Endpoint string  `json:"endpoint"`
	Requests int     `json:"requests"` // that were sent
	Skipped  int     `json:"skipped"`  // checks that could not be made
	Checks   []Check `json:"checks"`
}

// Check is one request and what is different about its answer.
type Check struct {
	Operation string `json:"operation"` // its operationId
	Request   string `json:"request"`   // method and path, as the contract spells it
	Why       string `json:"why"`       // what was to be seen
	Status    int    `json:"status,omitempty"`
	// Skipped says why the request was not sent or its answer not looked at.
	Skipped     string       `json:"skipped,omitempty"`
	Differences []Difference `json:"differences"`
}

// Difference is a place in an answer and what is different about it.
type Difference struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
	// Times is in how many entries of the answer.
	Times int `json:"times"`
}

// Same tells whether no difference was found. Checks that could not be made have
// none: see Skipped, too.
func (r ProbeReport) Same() bool { return r.Count() == 0 }

// Count is the number of differences.
func (r ProbeReport) Count() (n int) {
	for _, c := range r.Checks {
		n += len(c.Differences)
	}
	return n
}

// Probe sends a few reads, with GET and nothing else, and holds the answers
// against the contract. What cannot be sent at all is an error, and so are a key
// that is refused and a service that is too busy to show even the account: they
// say nothing of the contract. The report then has what was seen before.
func Probe(ctx context.Context, cfg ProbeConfig) (ProbeReport, error) {
	p, err := newProber(cfg)
	if err != nil {
		return ProbeReport{}, err
	}
	err = p.all(ctx)
	return p.report, p.withoutKey(err)
}

func newProber(cfg ProbeConfig) (*prober, error) {
	base, err := parseEndpoint(cfg.Endpoint)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(cfg.APIKey) == "" {
		return nil, errors.New("an API key is needed: make one on the API Keys page of the Pictor App")
	}
	spec, err := api.GetSpec()
	if err != nil {
		return nil, fmt.Errorf("the embedded contract cannot be read: %w", err)
	}
	client := http.Client{Timeout: 30 * time.Second}
	if cfg.HTTP != nil {
		client = *cfg.HTTP
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // the key stays here
	cfg.HTTP = &client
	if cfg.Header == "" {
		cfg.Header = "Authorization"
	}
	if !httpguts.ValidHeaderFieldName(cfg.Header) {
		return nil, errors.New("no header has such a name: name only the header, such as X-API-Key; the key does not belong there") // and so is not repeated here
	}
	if cfg.Pause == 0 {
		cfg.Pause = DefaultPause
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Sleep == nil {
		cfg.Sleep = sleep
	}
	p := &prober{ProbeConfig: cfg, base: base, operations: map[string]operation{}, words: vocabularyOf(spec, strings.TrimSpace(cfg.APIKey))}
	p.report = ProbeReport{Endpoint: base.String(), Checks: []Check{}}
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			if method == http.MethodGet {
				p.operations[op.OperationID] = operation{path, op}
			}
		}
	}
	return p, nil
}

// operation is a read of the contract.
type operation struct {
	path string
	*openapi3.Operation
}

// parseEndpoint refuses what would lead the key astray.
func parseEndpoint(endpoint string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(strings.TrimSpace(endpoint), "/"))
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("the endpoint is not an http or https URL; write one like https://apiv2.pictor.network/api")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("the endpoint must have no user name and must end with its path; the key is given apart")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, fmt.Errorf("the endpoint %s would send the API key unencrypted; use https", u)
	}
	return u, nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.IsLoopback()
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
