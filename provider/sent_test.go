package provider_test

import (
	"net/http"
	"strings"
	"sync"
)

// sent is what a provider has asked of the service, as "GET /gpu-instances/…":
// unlike the simulator's journal it has a request before its answer is there.
type sent struct {
	mu       sync.Mutex
	requests []string
	next     http.RoundTripper
}

func (s *sent) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/api"))
	next := s.next
	s.mu.Unlock()
	return next.RoundTrip(r)
}

// goBy lets requests from now on take another way; some may still be under way, such as
// a look that nobody waits for any more.
func (s *sent) goBy(way func(next http.RoundTripper) http.RoundTripper) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = way(s.next)
}

// take gives the requests so far, and forgets them.
func (s *sent) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.requests
	s.requests = nil
	return list
}

// takeChanging is take without what only reads.
func (s *sent) takeChanging() (list []string) {
	for _, r := range s.take() {
		if !strings.HasPrefix(r, "GET ") {
			list = append(list, r)
		}
	}
	return list
}
