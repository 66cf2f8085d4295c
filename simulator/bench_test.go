package simulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/market"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// What the simulator itself costs, without a network; "make bench-sim" compares
// it with others.
func BenchmarkRequests(b *testing.B) {
	sim, err := simulator.New(simulator.Config{First: store.Settings{Credits: 1e15, Market: market.Shape{Hosts: 40_000}}})
	if err != nil {
		b.Fatal(err)
	}
	var offers []string
	sim.Sandbox.View(func(w *engine.World) {
		for _, o := range w.Offers(func(o *engine.Offer) bool { return o.GPUsAvailable > 0 }) {
			for range o.GPUsAvailable {
				offers = append(offers, o.ID)
			}
		}
	})
	n := 0
	send := func(b *testing.B, method, path, body string, want int) string {
		req := httptest.NewRequest(method, path, strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+sim.APIKey)
		if body != "" {
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Idempotency-Key", fmt.Sprint(len(body), n))
		}
		answer := httptest.NewRecorder()
		sim.ServeHTTP(answer, req)
		if answer.Code != want {
			b.Fatalf("%s %s is answered %d %s", method, path, answer.Code, answer.Body)
		}
		return answer.Body.String()
	}
	create := func(b *testing.B) string {
		n++
		return send(b, http.MethodPost, "/api/gpu-instances", fmt.Sprintf(
			`{"name":"trainer-%d","offer_id":%q,"os":"linux","gpu_count":1,"storage_gb":10,"rental_hours":1}`, n, offers[n%len(offers)]), 201)
	}
	_, rest, _ := strings.Cut(create(b), `"id":"ins_`)
	id := "ins_" + rest[:12]
	for range 20 {
		create(b)
	}
	for name, path := range map[string]string{"read": "/api/gpu-instances/" + id, "list": "/api/gpu-instances?page=1&per_page=15", "offers": "/api/gpu-instances/offers?per_page=15"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				send(b, http.MethodGet, path, "", 200)
			}
		})
	}
	b.Run("create", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			create(b)
		}
	})
}
