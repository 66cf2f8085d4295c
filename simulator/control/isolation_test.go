package control_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// neighbour is one of many who use a simulator at the same time.
type neighbour struct {
	t      *testing.T
	server string
	key    string // to the API; empty for the control API as it is
}

func (n neighbour) send(method, path, body string, status int, into any) {
	n.t.Helper()
	req, err := http.NewRequestWithContext(n.t.Context(), method, n.server+path, strings.NewReader(body))
	if err != nil {
		n.t.Error(err)
		return
	}
	req.Header.Set("Content-Type", "application/json")
	if n.key != "" {
		req.Header.Set("Authorization", "Bearer "+n.key)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		n.t.Error(err)
		return
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != status {
		n.t.Errorf("%s %s is answered %d %s (%v), want %d", method, path, resp.StatusCode, data, err, status)
		return
	}
	if into != nil {
		if err := json.Unmarshal(data, into); err != nil {
			n.t.Error(err)
		}
	}
}

// Sixty-four tests in one process never meet: each sees its own machines, keys,
// ledger, clock and journal, and nothing of the others'.
func TestSandboxesNeverMeet(t *testing.T) {
	t.Parallel()
	const neighbours = 64
	w := newWorld(t)
	server := httptest.NewServer(w.sim)
	defer server.Close()
	var group sync.WaitGroup
	for n := range neighbours {
		group.Go(func() { neighbour{t, server.URL, ""}.live(n) })
	}
	group.Wait()
	if got := w.sim.Store.Len(); got != neighbours+1 {
		t.Errorf("there are %d sandboxes", got)
	}
	if got := w.requests("?sandbox=sbx_1"); len(got) != 0 {
		t.Errorf("the first sandbox has the requests %+v", got)
	}
}

func (n neighbour) live(number int) {
	var made control.Sandbox
	n.send("POST", "/_sim/sandboxes", fmt.Sprintf(`{"name":"test %d","seed":%d,"credits":"%d","clock":"frozen"}`, number, number%4+1, 100+number), 201, &made)
	n.key = made.APIKey
	machines := number%3 + 1
	for i := range machines {
		var offers struct{ Data []struct{ ID string } }
		n.send("GET", fmt.Sprintf("/api/gpu-instances/offers?sort=price&per_page=1&page=%d", i+1), "", 200, &offers)
		if len(offers.Data) != 1 {
			n.t.Errorf("there are %d offers", len(offers.Data))
			return
		}
		n.send("POST", "/api/gpu-instances", fmt.Sprintf(`{"name":"machine-%d","offer_id":"%s","os":"linux","gpu_count":1,"storage_gb":10,"rental_hours":1}`, i, offers.Data[0].ID), 201, nil)
	}
	var clock control.Clock
	n.send("POST", "/_sim/clock/advance", fmt.Sprintf(`{"by":"%dm"}`, number+1), 200, &clock)
	if want := engine.Epoch.Add(time.Duration(number+1) * time.Minute); !clock.Now.Equal(want) {
		n.t.Errorf("its clock shows %s, want %s", clock.Now, want)
	}
	var keys []control.Key
	n.send("POST", "/_sim/keys", `{"name":"second"}`, 201, nil)
	n.send("GET", "/_sim/keys", "", 200, &keys)
	if len(keys) != 2 {
		n.t.Errorf("it has %d keys", len(keys))
	}
	var list struct {
		Meta struct{ Total int }
	}
	n.send("GET", "/api/gpu-instances", "", 200, &list)
	var bill control.Bill
	n.send("GET", "/_sim/bill", "", 200, &bill)
	if list.Meta.Total != machines || len(bill.Items) != machines || len(bill.StillRented) != machines {
		n.t.Errorf("it has %d machines and the bill %+v, want %d machines", list.Meta.Total, bill, machines)
	}
	if want := int64(100+number)*1_000_000 - int64(bill.Total); int64(bill.Balance) != want {
		n.t.Errorf("its balance is %s", bill.Balance)
	}
	var requests []control.Request
	n.send("GET", "/_sim/requests", "", 200, &requests)
	if len(requests) != 2*machines+1 || requests[0].Number != 1 {
		n.t.Errorf("its journal has %d requests", len(requests))
	}
	n.send("GET", "/_sim/sandboxes/"+made.ID, "", 200, &made)
	if made.Instances != machines || made.Name != fmt.Sprintf("test %d", number) {
		n.t.Errorf("it is shown as %+v", made)
	}
}

// BenchmarkCreateSandbox is what a test pays for a world of its own, in the
// process and through the control API.
func BenchmarkCreateSandbox(b *testing.B) {
	b.Run("in process", func(b *testing.B) {
		sandboxes, err := store.Open(store.Config{})
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, _, err := sandboxes.Create(store.Settings{Credits: 100 * engine.Credit}, ""); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("by request", func(b *testing.B) {
		w := newWorld(b)
		for b.Loop() {
			if answer := w.send("POST", "/_sim/sandboxes", `{"clock":"poll"}`); answer.Code != 201 {
				b.Fatal(answer.Body)
			}
		}
	})
	b.Run("by request, another seed each", func(b *testing.B) {
		w := newWorld(b)
		for n := 0; b.Loop(); n++ {
			if answer := w.send("POST", "/_sim/sandboxes", fmt.Sprintf(`{"seed":%d}`, n+2)); answer.Code != 201 {
				b.Fatal(answer.Body)
			}
		}
	})
}
