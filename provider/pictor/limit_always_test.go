package pictor_test

import (
	"fmt"
	"math"
	"net/http"
	"path"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// strict lets a number of requests in a second, in fixed windows, and says of
// that what it likes.
type strict struct {
	limit int
	says  func(h http.Header, refused bool, left int, ends time.Time)

	mu       sync.Mutex
	ends     time.Time
	used     int
	admitted int
	refused  int
}

func (s *strict) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if !now.Before(s.ends) {
		s.ends, s.used = now.Add(time.Second), 0
	}
	s.used++
	refused := s.used > s.limit
	s.says(w.Header(), refused, max(s.limit-s.used, 0), s.ends)
	if refused {
		s.refused++
		http.Error(w, "Too Many Attempts.", http.StatusTooManyRequests)
		return
	}
	s.admitted++
	_, _ = fmt.Fprintf(w, `{"id":%q,"name":"trainer"}`, path.Base(r.URL.Path))
}

// The limit bites all the time: there is far more to ask than it lets through.
// Nobody fails, those who came first are served first, and little time is lost.
func TestALimitThatBitesAllTheTime(t *testing.T) {
	t.Parallel()
	counts := func(h http.Header, left int, ends time.Time) {
		h.Set("X-RateLimit-Limit", "5")
		h.Set("X-RateLimit-Remaining", strconv.Itoa(left))
		h.Set("X-RateLimit-Reset", strconv.FormatInt(int64(math.Ceil(float64(ends.UnixMilli())/1000)), 10))
	}
	for name, says := range map[string]func(h http.Header, refused bool, left int, ends time.Time){
		"everything": func(h http.Header, refused bool, left int, ends time.Time) {
			if counts(h, left, ends); refused {
				h.Set("Retry-After", "1")
			}
		},
		"all but Retry-After": func(h http.Header, _ bool, left int, ends time.Time) { counts(h, left, ends) },
		"Retry-After": func(h http.Header, refused bool, _ int, _ time.Time) {
			if refused {
				h.Set("Retry-After", "1")
			}
		},
		"nothing": func(http.Header, bool, int, time.Time) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &strict{limit: 5, says: says}
			bubble(t, s, func(t *testing.T, c *pictor.Client) {
				const many, each = 50, 4
				began := time.Now()
				var callers sync.WaitGroup
				for range many {
					callers.Go(func() {
						for range each {
							if _, err := c.CreateInstance(t.Context(), spec(), "token"); err != nil {
								t.Error(err)
								return
							}
						}
					})
				}
				callers.Wait()
				took, forced := time.Since(began), many*each*time.Second/5
				t.Logf("%d admitted, %d refused in %s", s.admitted, s.refused, took)
				if took > forced*7/5 { // a limit of which little is told has to be found out
					t.Errorf("took %s, the limit forces %s", took, forced)
				}
			})
		})
	}
}
