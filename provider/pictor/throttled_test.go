package pictor_test

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"path"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// bubble runs a test in which time is not real and passes when everybody waits.
// The network is the handler itself, at a distance of 40 ms each way; the
// first request takes longer to arrive.
func bubble(t *testing.T, handler http.Handler, test func(t *testing.T, c *pictor.Client), edits ...func(*pictor.Config)) {
	synctest.Test(t, func(t *testing.T) {
		test(t, client(t, "http://localhost", append(edits, func(c *pictor.Config) {
			c.Clock, c.Rand = nil, nil
			var first atomic.Bool
			c.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				if !first.Swap(true) {
					time.Sleep(200 * time.Millisecond)
				}
				time.Sleep(40 * time.Millisecond)
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				time.Sleep(40 * time.Millisecond)
				return w.Result(), r.Context().Err()
			})
		})...))
	})
}

// throttled is a service that lets a number of requests in a minute, counted in
// fixed windows as Laravel does.
type throttled struct {
	limit     int
	advertise func(h http.Header, left int, wait time.Duration)

	mu       sync.Mutex
	ends     time.Time
	used     int
	admitted int
	refused  int
}

func (s *throttled) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if !now.Before(s.ends) {
		s.ends, s.used = now.Add(time.Minute), 0
	}
	s.used++
	s.advertise(w.Header(), max(s.limit-s.used, 0), s.ends.Sub(now))
	if s.used > s.limit {
		s.refused++
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(s.ends.Sub(now).Seconds()))))
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	s.admitted++
	_, _ = fmt.Fprintf(w, `{"id":%q,"name":"trainer"}`, path.Base(r.URL.Path))
}
