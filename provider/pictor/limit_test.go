package pictor_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

func TestKeepsBelowTheAdvertisedLimit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		advertise func(h http.Header, left int, wait time.Duration)
	}{
		"limit and remaining": {func(h http.Header, left int, _ time.Duration) {
			h.Set("X-RateLimit-Limit", "3")
			h.Set("X-RateLimit-Remaining", strconv.Itoa(left))
		}},
		"reset as a time": {func(h http.Header, left int, wait time.Duration) {
			h.Set("X-RateLimit-Remaining", strconv.Itoa(left))
			h.Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().AddDate(1, 0, 0).Add(wait).Unix(), 10))
			h.Set("Date", time.Now().UTC().AddDate(1, 0, 0).Format(http.TimeFormat))
		}},
		"reset in seconds": {func(h http.Header, left int, wait time.Duration) {
			h.Set("X-RateLimit-Remaining", strconv.Itoa(left))
			h.Set("X-RateLimit-Reset", strconv.Itoa(int(wait.Seconds())))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &throttled{limit: 3, advertise: test.advertise}
			bubble(t, s, func(t *testing.T, c *pictor.Client) {
				start := time.Now()
				for range 10 {
					if _, err := c.GetAccount(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				if s.refused != 0 || s.admitted != 10 {
					t.Errorf("%d refused, %d admitted", s.refused, s.admitted)
				}
				if took := time.Since(start); took < 3*time.Minute || took > 190*time.Second {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

// What is under way counts, although the answer does not know of it yet.
func TestCountsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	s := &throttled{limit: 12, advertise: func(h http.Header, left int, _ time.Duration) {
		h.Set("X-RateLimit-Limit", "12")
		h.Set("X-RateLimit-Remaining", strconv.Itoa(left))
	}}
	slowly := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ServeHTTP(w, r)
		if r.URL.Path != "/api/account" {
			time.Sleep(5 * time.Second)
		}
	})
	bubble(t, slowly, func(t *testing.T, c *pictor.Client) {
		var callers sync.WaitGroup
		account := func() {
			if _, err := c.GetAccount(t.Context()); err != nil {
				t.Error(err)
			}
		}
		callers.Go(func() {
			account()
			for range 11 {
				callers.Go(account)
			}
		})
		time.Sleep(210 * time.Millisecond) // the first request arrives after 240 ms
		for range 9 {
			callers.Go(func() {
				if _, err := c.GetInstance(t.Context(), "ins_1"); err != nil {
					t.Error(err)
				}
			})
		}
		callers.Wait()
		if s.refused != 0 {
			t.Errorf("%d refused", s.refused)
		}
	})
}

// Many answers of 429 to what was sent at once are one event.
func TestOneWaveIsOneStrike(t *testing.T) {
	t.Parallel()
	var start time.Time
	busy := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if time.Since(start) < 400*time.Millisecond {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		_, _ = w.Write([]byte(`{"id":1}`))
	})
	bubble(t, busy, func(t *testing.T, c *pictor.Client) {
		start = time.Now()
		var callers sync.WaitGroup
		for range 100 {
			callers.Go(func() {
				if _, err := c.GetAccount(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		callers.Wait()
		if took := time.Since(start); took > 15*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// The end of the context while waiting for a turn is certain: nothing was sent.
func TestCanceledWhileItWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, step{status: 429, header: map[string]string{"Retry-After": "60"}})
	c := client(t, s.URL, func(c *pictor.Config) { c.Clock = canceling{newClock(), cancel} })
	_, err := c.CreateInstance(ctx, spec(), "token-1")
	if failure(t, err, pictor.CodeCanceled); !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not context.Canceled", err)
	}
}

func TestRemainingWithoutALimit(t *testing.T) {
	t.Parallel()
	now := newClock()
	spent := step{body: `{"id":1}`, header: map[string]string{"X-RateLimit-Remaining": "0"}}
	s := serve(t, spent, spent)
	c := client(t, s.URL, with(now))
	for range 2 {
		if _, err := c.GetAccount(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if now.total() != time.Second {
		t.Errorf("waited %v", now.slept)
	}
}

func TestTakesAShareWhenOthersUseTheKey(t *testing.T) {
	t.Parallel()
	now := newClock()
	spent := map[string]string{"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0"}
	s := serve(t, step{body: `{"id":1}`, header: spent}, step{body: `{"id":1}`, header: spent}, step{body: `{"id":1}`, header: spent})
	c := client(t, s.URL, with(now))
	for range 3 {
		if _, err := c.GetAccount(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := now.total(); got != 2*time.Second {
		t.Errorf("waited %v, want a second between the requests", now.slept)
	}
}

func TestManyCallersDoNotRushInAfter429(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		advertise func(h http.Header, left int, wait time.Duration)
		refused   int
	}{
		// Nothing is known of the limit when the first hundred are sent.
		// Backing off each for itself they would be refused 80+60+40+20 times.
		"advertised": {func(h http.Header, left int, _ time.Duration) {
			h.Set("X-RateLimit-Limit", "20")
			h.Set("X-RateLimit-Remaining", strconv.Itoa(left))
		}, 80},
		"not advertised": {func(http.Header, int, time.Duration) {}, 120},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &throttled{limit: 20, advertise: test.advertise}
			bubble(t, s, func(t *testing.T, c *pictor.Client) {
				var callers sync.WaitGroup
				start := time.Now()
				for range 100 {
					callers.Go(func() {
						if _, err := c.GetAccount(t.Context()); err != nil {
							t.Error(err)
						}
					})
				}
				callers.Wait()
				if s.admitted != 100 || s.refused > test.refused {
					t.Errorf("%d admitted, %d refused", s.admitted, s.refused)
				}
				// Five minutes' worth, of which the first is used at once.
				if took := time.Since(start); took > 5*time.Minute {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

func TestOne429HoldsEveryoneBack(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := serve(t, step{status: 429, header: map[string]string{"Retry-After": "400"}})
	c := client(t, s.URL, with(now))
	_, err := c.GetAccount(t.Context())
	if e := failure(t, err, pictor.CodeRateLimited); e.Status != 429 || e.RetryAfter != 400*time.Second {
		t.Errorf("status %d, RetryAfter %v", e.Status, e.RetryAfter)
	}
	// Longer than anyone should be kept waiting: neither sent nor waited for.
	_, err = c.CreateInstance(t.Context(), spec(), "token-1")
	if e := failure(t, err, pictor.CodeRateLimited); e.Status != 0 || e.RetryAfter < 399*time.Second {
		t.Errorf("status %d, RetryAfter %v", e.Status, e.RetryAfter)
	}
	if len(now.slept) != 0 {
		t.Errorf("slept %v", now.slept)
	}
}

func TestRequestsPerMinute(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1, 2, 3, 10, 60} {
		t.Run(strconv.Itoa(limit), func(t *testing.T) {
			t.Parallel()
			now := newClock()
			var sent []time.Time
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				sent = append(sent, now.Now())
				_, _ = w.Write([]byte(`{"id":1}`))
			}))
			t.Cleanup(server.Close)
			c := client(t, server.URL, with(now), func(c *pictor.Config) { c.RequestsPerMinute = limit })
			for range 3 * limit {
				if _, err := c.GetAccount(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			for i := limit; i < len(sent); i++ {
				if gap := sent[i].Sub(sent[i-limit]); gap < time.Minute {
					t.Fatalf("%d requests within %v", limit+1, gap)
				}
			}
			if took := sent[len(sent)-1].Sub(sent[0]); took > 5*time.Minute {
				t.Errorf("%d requests took %v", len(sent), took)
			}
		})
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	var served atomic.Int32
	faulty := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		switch served.Add(1) % 4 {
		case 0:
			w.WriteHeader(http.StatusTooManyRequests)
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			_, _ = w.Write([]byte(`[]`))
		}
	})
	bubble(t, faulty, func(t *testing.T, c *pictor.Client) {
		var callers sync.WaitGroup
		for range 50 {
			callers.Go(func() {
				if _, err := c.ListSshKeys(t.Context()); err != nil && !pictor.IsCode(err, pictor.CodeUnavailable, pictor.CodeRateLimited) {
					t.Error(err)
				}
			})
		}
		callers.Wait()
	}, func(c *pictor.Config) { c.RequestsPerMinute = 6000 })
}
