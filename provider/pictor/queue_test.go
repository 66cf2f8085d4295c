package pictor_test

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Who came first is let through first, also after a 429.
func TestTurnsComeInTheOrderOfTheCallers(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var served []string
	var let int
	grudging := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if let++; let%2 == 1 { // every other request is one too many
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		served = append(served, r.URL.Path)
		_, _ = fmt.Fprintf(w, `{"id":%q,"name":"trainer"}`, path.Base(r.URL.Path))
	})
	bubble(t, grudging, func(t *testing.T, c *pictor.Client) {
		var callers sync.WaitGroup
		get := func(id string) {
			if _, err := c.GetInstance(t.Context(), pictor.ID(id)); err != nil {
				t.Error(err)
			}
		}
		callers.Go(func() { get("0") })
		time.Sleep(300 * time.Millisecond) // it was refused, and all wait from now on
		for _, id := range []string{"1", "2", "3", "4", "5"} {
			callers.Go(func() { get(id) })
			time.Sleep(time.Millisecond)
		}
		callers.Wait()
		if !slices.IsSorted(served) || len(served) != 6 {
			t.Errorf("served in the order %q", served)
		}
	})
}
