package pictor_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// again are the calls that may be sent as often as it takes.
var again = map[string]struct {
	call func(context.Context, *pictor.Client) error
	good string
}{
	"read": {func(ctx context.Context, c *pictor.Client) error {
		_, err := c.GetInstance(ctx, "ins_1")
		return err
	}, instance},
	"list": {func(ctx context.Context, c *pictor.Client) error {
		_, err := c.ListInstances(ctx, pictor.InstanceFilter{})
		return err
	}, `[]`},
	"quote": {func(ctx context.Context, c *pictor.Client) error {
		_, err := c.Quote(ctx, pictor.QuoteRequest{OfferId: "off_1"})
		return err
	}, `{"offer_id":"off_1"}`},
	"put": {func(ctx context.Context, c *pictor.Client) error {
		_, err := c.SetAutoRenew(ctx, "ins_1", true)
		return err
	}, instance},
	"patch": {func(ctx context.Context, c *pictor.Client) error {
		_, err := c.RenameInstance(ctx, "ins_1", "b")
		return err
	}, instance},
	"stop": {func(ctx context.Context, c *pictor.Client) error {
		_, err := c.StopInstance(ctx, "ins_1")
		return err
	}, instance},
	"delete": {func(ctx context.Context, c *pictor.Client) error { return c.DeleteInstance(ctx, "ins_1") }, ``},
}

func TestSentAgainUntilAnswered(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]step{
		"500":                {status: 500, body: busy},
		"502 with a page":    {status: 502, body: "<html>"},
		"503":                {status: 503, body: busy},
		"408":                {status: 408},
		"429":                {status: 429, body: "Too Many Attempts."},
		"the answer is lost": {act: hangUp},
		"a cut-off answer":   {act: cutOff(200, `{"id":`)},
	} {
		for method, test := range again {
			t.Run(name+"/"+method, func(t *testing.T) {
				t.Parallel()
				now := newClock()
				s := serve(t, fault, fault, step{body: test.good})
				if err := test.call(t.Context(), client(t, s.URL, with(now))); err != nil {
					t.Fatal(err)
				}
				if got := now.total(); got < 700*time.Millisecond || got > 2*time.Second {
					t.Errorf("waited %v before the third attempt", now.slept)
				}
				requests := s.requests()
				if requests[0].ContentLength != requests[2].ContentLength {
					t.Errorf("the body was not sent again")
				}
			})
		}
	}
}

func TestHalfJSONOnAReadIsAskedForAgain(t *testing.T) {
	t.Parallel()
	s := serve(t, step{body: instance[:20]}, step{}, step{body: instance})
	if _, err := client(t, s.URL).GetInstance(t.Context(), "ins_1"); err != nil {
		t.Fatal(err)
	}
}

func TestGivesUp(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		step   step
		times  int
		code   pictor.Code
		status int
	}{
		"503":             {step{status: 503, body: busy, header: map[string]string{"X-Request-Id": "req_7"}}, 6, pictor.CodeUnavailable, 503},
		"429":             {step{status: 429}, 10, pictor.CodeRateLimited, 429},
		"nonsense":        {step{body: "<html>"}, 6, pictor.CodeUnavailable, 200},
		"501":             {step{status: 501}, 1, pictor.CodeUnavailable, 501},
		"another shape":   {step{body: `{"id":"i","gpu_count":"many"}`}, 1, pictor.CodeUnavailable, 200},
		"Retry-After 1 h": {step{status: 503, header: map[string]string{"Retry-After": "3600"}}, 1, pictor.CodeUnavailable, 503},
		"404":             {step{status: 404}, 1, pictor.CodeNotFound, 404},
		"400":             {step{status: 400}, 1, pictor.CodeValidation, 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			steps := make([]step, test.times)
			for i := range steps {
				steps[i] = test.step
			}
			s := serve(t, steps...)
			_, err := client(t, s.URL).GetInstance(t.Context(), "ins_1")
			if e := failure(t, err, test.code); e.Status != test.status {
				t.Errorf("status %d, want %d", e.Status, test.status)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	date := func(from time.Time, d time.Duration) string { return from.Add(d).Format(http.TimeFormat) }
	start := newClock().now
	elsewhen := start.AddDate(3, 0, 0)
	for name, test := range map[string]struct {
		header   map[string]string
		from, to time.Duration
	}{
		"seconds":                     {map[string]string{"Retry-After": "7"}, 7 * time.Second, 8 * time.Second},
		"a date":                      {map[string]string{"Retry-After": date(start, 9*time.Second), "Date": date(start, 0)}, 9 * time.Second, 10 * time.Second},
		"a date by the service's own": {map[string]string{"Retry-After": date(elsewhen, 9*time.Second), "Date": date(elsewhen, 0)}, 9 * time.Second, 10 * time.Second},
		"a date that has passed":      {map[string]string{"Retry-After": date(start, -time.Hour), "Date": date(start, 0)}, 1, time.Second},
		"none":                        {nil, 250 * time.Millisecond, time.Second},
		"zero":                        {map[string]string{"Retry-After": "0"}, 250 * time.Millisecond, time.Second},
		"nonsense":                    {map[string]string{"Retry-After": "soon"}, 250 * time.Millisecond, time.Second},
	} {
		for _, status := range []int{429, 503} {
			t.Run(name+"/"+http.StatusText(status), func(t *testing.T) {
				t.Parallel()
				now := newClock()
				s := serve(t, step{status: status, header: test.header}, step{body: instance})
				if _, err := client(t, s.URL, with(now)).GetInstance(t.Context(), "ins_1"); err != nil {
					t.Fatal(err)
				}
				if got := now.total(); got < test.from || got > test.to {
					t.Errorf("waited %v, want %v to %v", now.slept, test.from, test.to)
				}
			})
		}
	}
}

func TestPaidCallIsSentAgainAfter429(t *testing.T) {
	t.Parallel()
	for method, paid := range once {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			now := newClock()
			s := serve(t,
				step{status: 429, body: "Too Many Attempts.", header: map[string]string{"Retry-After": "30"}},
				step{status: 201, body: paid.good})
			if err := paid.call(t.Context(), client(t, s.URL, with(now))); err != nil {
				t.Fatal(err)
			}
			if now.total() < 30*time.Second {
				t.Errorf("waited %v only", now.slept)
			}
			if a, b := s.requests()[0].Header.Get("Idempotency-Key"), s.requests()[1].Header.Get("Idempotency-Key"); a != b {
				t.Errorf("another Idempotency-Key: %q, %q", a, b)
			}
		})
	}
}

func TestTimeoutOfARead(t *testing.T) {
	t.Parallel()
	t.Run("of every attempt", func(t *testing.T) {
		t.Parallel()
		var sent atomic.Int32
		_, err := client(t, "http://localhost", silent(&sent)).GetInstance(t.Context(), "ins_1")
		if failure(t, err, pictor.CodeTimeout); sent.Load() != 6 {
			t.Errorf("sent %d times, want 6", sent.Load())
		}
	})
	t.Run("canceled", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		s := serve(t, step{act: func(w http.ResponseWriter, r *http.Request) { cancel(); hang(w, r) }})
		_, err := client(t, s.URL).GetInstance(ctx, "ins_1")
		failure(t, err, pictor.CodeCanceled)
	})
}

func TestGivesUpWaitingWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, step{status: 503, body: busy})
	c := client(t, s.URL, func(c *pictor.Config) { c.Clock = canceling{newClock(), cancel} })
	_, err := c.GetInstance(ctx, "ins_1")
	e := failure(t, err, pictor.CodeUnavailable)
	if !errors.Is(err, context.Canceled) || !strings.Contains(e.Error(), "no time was left") {
		t.Errorf("says %q", e)
	}
}

// canceling is a clock during whose sleep the caller gives up.
type canceling struct {
	*clock
	cancel context.CancelFunc
}

func (c canceling) Sleep(ctx context.Context, d time.Duration) error {
	c.cancel()
	return c.clock.Sleep(ctx, d)
}

func TestHalfAMinuteForAnAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sent atomic.Int32
		c := client(t, "http://localhost", silent(&sent), func(c *pictor.Config) { c.Timeout, c.Clock = 0, nil })
		start := time.Now()
		_, err := c.CreateInstance(t.Context(), spec(), "token-1")
		if failure(t, err, pictor.CodeAmbiguous); time.Since(start) != 30*time.Second {
			t.Errorf("took %v", time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 29*time.Second)
		defer cancel()
		_, err = c.GetAccount(ctx)
		if failure(t, err, pictor.CodeTimeout); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v is not context.DeadlineExceeded", err)
		}
	})
}
