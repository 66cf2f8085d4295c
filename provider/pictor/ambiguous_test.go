package pictor_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// once are the calls that pay or add something.
var once = map[string]struct {
	call func(context.Context, *pictor.Client) error
	good string
}{
	"create": {func(ctx context.Context, c *pictor.Client) error {
		_, err := c.CreateInstance(ctx, spec(), "token-1")
		return err
	}, instance},
	"extend": {func(ctx context.Context, c *pictor.Client) error {
		_, err := c.ExtendInstance(ctx, "ins_1", 3, "token-1")
		return err
	}, instance},
	"add key": {func(ctx context.Context, c *pictor.Client) error {
		_, err := c.CreateSshKey(ctx, pictor.SshKeyCreate{Name: "laptop", PublicKey: "ssh-ed25519 A"})
		return err
	}, sshKey},
}

func TestUnknownOutcomeIsAmbiguousAndNotSentAgain(t *testing.T) {
	t.Parallel()
	for name, unknown := range map[string]step{
		"the answer is lost":      {act: hangUp},
		"500":                     {status: 500, body: busy},
		"502 with a page":         {status: 502, body: "<html><h1>Bad Gateway</h1></html>"},
		"503 with Retry-After":    {status: 503, body: busy, header: map[string]string{"Retry-After": "1"}},
		"504":                     {status: 504},
		"408":                     {status: 408, body: busy},
		"a cut-off 201":           {act: cutOff(201, instance)},
		"a cut-off 500":           {act: cutOff(500, "")},
		"an empty 201":            {status: 201},
		"half an object":          {status: 201, body: instance[:20]},
		"an object without id":    {status: 201, body: `{"message":"ok"}`},
		"null":                    {status: 201, body: `null`},
		"a list":                  {status: 201, body: `[]`},
		"a page of HTML":          {status: 200, body: "<!doctype html>", header: map[string]string{"Content-Type": "text/html"}},
		"a field of another type": {status: 201, body: `{"id":"ins_1","name":7,"public_key":7}`},
		"a redirect to a login":   {status: 302, header: map[string]string{"Location": "/login"}},
		"more than 8 MiB":         {status: 201, body: `{"id":"` + strings.Repeat("x", 9<<20) + `"}`},
	} {
		for method, paid := range once {
			t.Run(name+"/"+method, func(t *testing.T) {
				t.Parallel()
				// The read leaves a connection open, on which net/http would
				// send the POST a second time by itself.
				s := serve(t, step{want: "GET /api/gpu-instances/ins_1", body: instance}, unknown)
				c := client(t, s.URL)
				if _, err := c.GetInstance(t.Context(), "ins_1"); err != nil {
					t.Fatal(err)
				}
				e := failure(t, paid.call(t.Context(), c), pictor.CodeAmbiguous)
				if !strings.Contains(e.Error(), "look it up") || e.Method != http.MethodPost {
					t.Errorf("says %q", e)
				}
			})
		}
	}
}

func TestNoAnswerInTimeIsAmbiguous(t *testing.T) {
	t.Parallel()
	for method, paid := range once {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			var sent atomic.Int32
			c := client(t, "http://localhost", silent(&sent))
			if failure(t, paid.call(t.Context(), c), pictor.CodeAmbiguous); sent.Load() != 1 {
				t.Errorf("sent %d times", sent.Load())
			}
		})
	}
}

// silent is a network that takes requests and never answers.
func silent(sent *atomic.Int32) func(*pictor.Config) {
	return func(c *pictor.Config) {
		c.Timeout = time.Millisecond
		c.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			sent.Add(1)
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
	}
}

func TestCancelInFlightStillGetsTheAnswer(t *testing.T) {
	t.Parallel()
	for method, paid := range once {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			s := serve(t, step{act: func(w http.ResponseWriter, _ *http.Request) {
				cancel()
				_, _ = w.Write([]byte(paid.good))
			}})
			if err := paid.call(ctx, client(t, s.URL)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCancelWhileThrottledIsNotSentAgain(t *testing.T) {
	t.Parallel()
	for method, paid := range once {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			s := serve(t, step{act: func(w http.ResponseWriter, _ *http.Request) {
				cancel()
				w.Header().Set("Retry-After", "5")
				w.WriteHeader(http.StatusTooManyRequests)
			}})
			if err := paid.call(ctx, client(t, s.URL, with(newClock()))); err == nil {
				t.Error("carried out after the run was cancelled")
			}
		})
	}
}

func TestCanceledBeforeIsNotSent(t *testing.T) {
	t.Parallel()
	for method, paid := range once {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			s := serve(t)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			err := paid.call(ctx, client(t, s.URL))
			if e := failure(t, err, pictor.CodeCanceled); !errors.Is(err, context.Canceled) || !strings.Contains(e.Error(), "not sent") {
				t.Errorf("says %q", e)
			}
			ctx, cancel = context.WithTimeout(t.Context(), -1)
			defer cancel()
			err = paid.call(ctx, client(t, s.URL))
			if failure(t, err, pictor.CodeTimeout); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v is not context.DeadlineExceeded", err)
			}
		})
	}
}

func TestConnectionRefusedIsNotAmbiguous(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	for method, paid := range once {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			now := newClock()
			err := paid.call(t.Context(), client(t, "http://"+listener.Addr().String(), with(now)))
			e := failure(t, err, pictor.CodeUnavailable)
			var op *net.OpError
			if !errors.Is(err, syscall.ECONNREFUSED) || !errors.As(err, &op) {
				t.Errorf("%v is not ECONNREFUSED", err)
			}
			for _, says := range []string{"cannot be reached", listener.Addr().String(), "PICTOR_ENDPOINT"} {
				if !strings.Contains(e.Error(), says) {
					t.Errorf("does not say %q: %s", says, e)
				}
			}
			if len(now.slept) != 5 {
				t.Errorf("slept %v, want five waits between six attempts", now.slept)
			}
		})
	}
}

func TestPaidCallsHaveConnectionsOfTheirOwn(t *testing.T) {
	t.Parallel()
	for method, paid := range once {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			s := serve(t, step{status: 201, body: paid.good}, step{body: instance}, step{status: 201, body: paid.good}, step{body: instance})
			c := client(t, s.URL)
			for range 2 {
				if err := paid.call(t.Context(), c); err != nil {
					t.Fatal(err)
				}
				if _, err := c.GetInstance(t.Context(), "ins_1"); err != nil {
					t.Fatal(err)
				}
			}
			r := s.requests()
			if r[0].RemoteAddr == r[2].RemoteAddr || r[0].RemoteAddr == r[1].RemoteAddr || r[2].RemoteAddr == r[3].RemoteAddr {
				t.Error("a paid call shares a connection")
			}
		})
	}
}

func TestUntrustedServerIsNotAmbiguous(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a request arrived")
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of the handshake
	server.StartTLS()
	t.Cleanup(server.Close)
	for method, paid := range once {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			now := newClock()
			failure(t, paid.call(t.Context(), client(t, server.URL, with(now))), pictor.CodeUnavailable)
			if len(now.slept) != 0 {
				t.Errorf("tried again after %v, which cannot help", now.slept)
			}
		})
	}
}

func TestSentAgainWhenNothingHadLeft(t *testing.T) {
	t.Parallel()
	for method, paid := range once {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			s := serve(t, step{status: 201, body: paid.good})
			var dials atomic.Int32
			transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				if dials.Add(1) < 3 {
					return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
				}
				return new(net.Dialer).DialContext(ctx, network, addr)
			}}
			t.Cleanup(transport.CloseIdleConnections)
			c := client(t, s.URL, func(c *pictor.Config) { c.Transport = transport })
			if err := paid.call(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if dials.Load() != 3 {
				t.Errorf("%d dials, want 3", dials.Load())
			}
		})
	}
}

func TestOtherTransportsAreTrustedLess(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		code pictor.Code
		sent int32
	}{
		"a failed dial":   {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, pictor.CodeUnavailable, 6},
		"no such host":    {&net.DNSError{Err: "no such host", IsNotFound: true}, pictor.CodeUnavailable, 6},
		"a failed read":   {&net.OpError{Op: "read", Err: syscall.ECONNRESET}, pictor.CodeAmbiguous, 1},
		"something else":  {errors.New("boom"), pictor.CodeAmbiguous, 1},
		"its own timeout": {context.DeadlineExceeded, pictor.CodeAmbiguous, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sent atomic.Int32
			c := client(t, "http://localhost", func(c *pictor.Config) {
				c.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
					sent.Add(1)
					return nil, test.err
				})
			})
			_, err := c.CreateInstance(t.Context(), spec(), "token-1")
			if failure(t, err, test.code); sent.Load() != test.sent {
				t.Errorf("sent %d times, want %d", sent.Load(), test.sent)
			}
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestRefusalsOfPaidCallsAreCertain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		step step
		code pictor.Code
	}{
		"402":                  {step{status: 402, body: `{"message":"m","code":"insufficient_credits"}`}, pictor.CodeInsufficientCredits},
		"409 no capacity":      {step{status: 409, body: `{"message":"m","code":"no_capacity"}`}, pictor.CodeNoCapacity},
		"409 cut off":          {step{act: cutOff(409, `{"mess`)}, pictor.CodeWrongState},
		"422":                  {step{status: 422, body: `{"message":"m","code":"validation","errors":{"name":["is taken"]}}`}, pictor.CodeValidation},
		"404":                  {step{status: 404}, pictor.CodeNotFound},
		"308 to another place": {step{status: 308, header: map[string]string{"Location": "https://pictor.example/"}}, pictor.CodeRejected},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, test.step)
			_, err := client(t, s.URL).CreateInstance(t.Context(), spec(), "token-1")
			failure(t, err, test.code)
		})
	}
}
