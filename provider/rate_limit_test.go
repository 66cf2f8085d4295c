package provider_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/provider"
	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/dialect"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/journal"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// near carries requests to a simulator in the same process.
type near struct{ http.Handler }

func (n near) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if r.Body == nil {
		r.Body = http.NoBody // as every server sees it
	}
	w := httptest.NewRecorder()
	n.ServeHTTP(w, r)
	return w.Result(), r.Context().Err()
}

// Five requests a second are let in, however little the service says of that:
// nothing fails, and it takes little longer than the limit and the machines force.
func TestFiftyMachinesComeUpUnderARateLimitThatBitesAllTheTime(t *testing.T) {
	t.Parallel()
	const many, rate, provisioning = 50, 5, 10 * time.Second
	for name, c := range map[string]struct {
		says   store.LimitSays
		errors dialect.Errors
	}{
		"all headers":             {store.LimitSaysAll, dialect.ErrorContract},
		"Retry-After":             {store.LimitSaysRetry, dialect.ErrorContract},
		"Retry-After, plain text": {store.LimitSaysRetry, dialect.ErrorText},
		"nothing":                 {store.LimitSaysNothing, dialect.ErrorContract},
		"nothing, plain text":     {store.LimitSaysNothing, dialect.ErrorText},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim, err := simulator.New(simulator.Config{Wall: time.Now, First: store.Settings{
					Credits: 10_000 * engine.Credit,
					Timings: engine.Timings{Provisioning: provisioning},
					Limit:   store.Limit{Requests: rate, Per: time.Second, Says: c.says},
					Dialect: dialect.Dialect{Errors: c.errors},
				}})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = sim.Close() })
				s := serve(t, provider.Options{Transport: near{sim}, Clock: pictor.WallClock()})
				s.configure(map[string]property.Value{"endpoint": property.New("http://localhost" + api.BasePath), "apiKey": property.New(sim.APIKey)})

				began := time.Now()
				var all sync.WaitGroup
				for i := range many {
					all.Go(func() {
						if r, err := s.create(instanceType, fmt.Sprint("worker", i), props{"rentalHours": number(1)}); err != nil {
							t.Errorf("worker%d: %v", i, err)
						} else {
							wantText(t, r.state, "status", "running")
						}
					})
				}
				all.Wait()
				took := time.Since(began)
				refused := len(sim.Sandbox.Journal.Entries(func(e *journal.Entry) bool { return e.Status == http.StatusTooManyRequests }))
				let := len(sim.Sandbox.Journal.Entries(func(*journal.Entry) bool { return true })) - refused
				t.Logf("%d requests let in and %d refused in %s", let, refused, took)
				if forced := time.Duration(let) * time.Second / rate; took > forced+provisioning+3*time.Second {
					t.Errorf("%d requests let in and %d refused took %s; the limit forces %s", let, refused, took, forced)
				}
				if most := 70 + 2*int(took.Seconds()); let > most {
					t.Errorf("%d requests for %d machines in %s, not %d", let, many, took, most)
				}
			})
		})
	}
}
