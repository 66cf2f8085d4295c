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
	s.mu.Unlock()
	return s.next.RoundTrip(r)
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
