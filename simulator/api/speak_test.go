package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/dialect"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// A sandbox that speaks a dialect speaks it on the wire, in both directions;
// what stands behind it is held against the contract as ever.
func TestTheAPISpeaksTheSandboxsDialect(t *testing.T) {
	t.Parallel()
	t.Run("whole lists", func(t *testing.T) {
		t.Parallel()
		c := newCaller(t, simtest.Dialect("bare-arrays"))
		if offers := into[[]object](c.call("GET", "/gpu-instances/offers?per_page=1&page=9", nil).is(200)); len(offers) != 240 {
			t.Errorf("%d offers come at once, want all 240", len(offers))
		}
		for i := range 20 {
			c.Do(t, rentOne(fmt.Sprintf("trainer-%d", i)))
		}
		if all := into[[]object](c.call("GET", "/gpu-instances", nil).is(200)); len(all) != 20 {
			t.Errorf("%d instances come at once, want 20", len(all))
		}
		if all := into[[]object](c.call("GET", "/transactions", nil).is(200)); len(all) != 21 {
			t.Errorf("%d transactions come at once, want 21", len(all))
		}
	})
	t.Run("numeric ids", func(t *testing.T) {
		t.Parallel()
		c := newCaller(t, simtest.Dialect("numeric-ids"))
		key := into[object](c.call("POST", "/ssh-keys", object{"name": "laptop", "public_key": keyA}).is(201))
		offer := into[object](c.call("GET", "/gpu-instances/offers?per_page=1", nil).is(200))["data"].([]any)[0].(map[string]any)
		inst := into[object](c.call("POST", "/gpu-instances", object{
			"name": "trainer", "offer_id": offer["id"], "os": "linux", "gpu_count": 1, "storage_gb": 10, "rental_hours": 1, "ssh_key_ids": []any{key["id"]},
		}).is(201))
		if inst["id"] != 1.0 || inst["offer_id"] != offer["id"] || key["id"] != 1.0 {
			t.Errorf("the ids are %v, %v and %v, want numbers", inst["id"], inst["offer_id"], key["id"])
		}
		c.call("GET", "/gpu-instances/1", nil).is(200)
	})
	t.Run("delete at once", func(t *testing.T) {
		t.Parallel()
		c := newCaller(t, simtest.Dialect("delete-204"))
		path := "/gpu-instances/" + string(c.rent("trainer", nil).Id)
		if a := c.call("DELETE", path, nil).is(204); len(a.body) != 0 {
			t.Errorf("it is answered %s", a.body)
		}
		c.call("GET", path, nil).is(404)
	})
	t.Run("refusals", func(t *testing.T) {
		t.Parallel()
		c := newCaller(t, simtest.Dialect("html-errors"), simtest.RateLimit(3, time.Hour))
		for path, status := range map[string]int{"/gpu-instances/ins_nobody": 404, "/nothing": 404} {
			if a := c.call("GET", path, nil).is(status); !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
				t.Errorf("%s is refused as %s", path, a.header.Get("Content-Type"))
			}
		}
		for what, body := range map[int]string{413: `"` + strings.Repeat("x", 1<<20) + `"`, 422: `{"name":"x--sim-nothing"}`} {
			a := c.call("POST", "/gpu-instances", body).is(what)
			if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") || a.header.Get("Date") == "" {
				t.Errorf("%d is refused with %v %s", what, a.header, a.body)
			}
		}
		c.call("GET", "/account", nil).is(200)
		if a := c.call("GET", "/account", nil).is(429); json.Valid(a.body) || a.header.Get("Retry-After") == "" {
			t.Errorf("too many requests are answered %v %s", a.header, a.body)
		}
	})
	t.Run("names and tokens", func(t *testing.T) {
		t.Parallel()
		c := newCaller(t, simtest.Dialect("duplicate-names+no-idempotency"))
		body := c.rental("trainer", nil)
		for range 2 {
			c.call("POST", "/gpu-instances", body, "Idempotency-Key", "k").is(201)
		}
		if n := len(c.Instances()); n != 2 {
			t.Errorf("%d machines are rented, want two of one name", n)
		}
	})
}

// Every preset is spoken by the whole API without a complaint of the contract.
func TestEveryDialectIsSpoken(t *testing.T) {
	t.Parallel()
	for _, preset := range dialect.Presets() {
		t.Run(preset.Name, func(t *testing.T) {
			t.Parallel()
			c := newCaller(t, simtest.Dialect(preset.Name))
			c.Do(t, rentOne("trainer"))
			id := c.Instances()[0].ID
			for _, path := range []string{"/account", "/gpu-instances", "/gpu-instances/" + id, "/gpu-instances/offers", "/transactions", "/ssh-keys", "/gpu-instances/ins_nobody"} {
				if a := c.call("GET", path, nil); a.status >= 500 {
					t.Errorf("%s is answered %d %s", path, a.status, a.body)
				}
			}
		})
	}
}
