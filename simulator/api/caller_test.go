package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

const (
	keyA = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
	keyB = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2jd+rMlIDi+n6cw2bPkMdZwk4XyTkkjxbUzaWFkAq/"
)

// caller sends requests to a simulator of its own as a program would. The
// simulator holds every answer against the contract.
type caller struct {
	*simtest.Sim
	t testing.TB
}

func newCaller(t testing.TB, options ...simtest.Option) *caller {
	t.Helper()
	return &caller{simtest.New(t, options...), t}
}

// answer is what came back.
type answer struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   []byte
}

// object is a JSON body that is going to be sent.
type object map[string]any

// call sends a request. A body that is a string or a reader travels as it is,
// any other as JSON; headers are name and value by turns.
func (c *caller) call(method, path string, body any, headers ...string) *answer {
	c.t.Helper()
	var content io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(b)
	case io.Reader:
		content = b
	default:
		data, err := json.Marshal(b)
		if err != nil {
			c.t.Fatal(err)
		}
		content = strings.NewReader(string(data))
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.Endpoint+path, content)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.APIKey)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if req.Header.Set(headers[i], headers[i+1]); headers[i+1] == "" {
			req.Header.Del(headers[i])
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return &answer{c.t, method + " " + path, resp.StatusCode, resp.Header, data}
}

// is fails the test unless the answer has the status.
func (a *answer) is(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s answered %d %s, want %d", a.what, a.status, a.body, status)
	}
	return a
}

// refused fails the test unless the answer is the contract's JSON error.
func (a *answer) refused(status int, code string) wire.Error {
	a.t.Helper()
	a.is(status)
	if got := a.header.Get("Content-Type"); !strings.HasPrefix(got, "application/json") {
		a.t.Errorf("%s is refused as %q, want JSON", a.what, got)
	}
	refusal := into[wire.Error](a)
	if refusal.Code != code || refusal.Message == "" {
		a.t.Errorf("%s is refused with the code %q and %q, want the code %s", a.what, refusal.Code, refusal.Message, code)
	}
	return refusal
}

// into is the answer's body.
func into[T any](a *answer) (v T) {
	a.t.Helper()
	if err := json.Unmarshal(a.body, &v); err != nil {
		a.t.Fatalf("%s answered %d %s: %v", a.what, a.status, a.body, err)
	}
	return v
}

// offer is the cheapest offer that matches a query.
func (c *caller) offer(query string) wire.Offer {
	c.t.Helper()
	page := into[wire.OfferPage](c.call("GET", "/gpu-instances/offers?per_page=1&"+query, nil).is(200))
	if len(page.Data) == 0 {
		c.t.Fatalf("no offer matches %s", query)
	}
	return page.Data[0]
}

// rental is the body of a create: one GPU of the cheapest offer for an hour,
// with changes; a nil change leaves the field out.
func (c *caller) rental(name string, changes object) object {
	c.t.Helper()
	body := object{
		"name": name, "offer_id": c.offer("os=windows").Id, "os": "linux",
		"gpu_count": 1, "storage_gb": 10, "rental_hours": 1,
	}
	for field, value := range changes {
		if body[field] = value; value == nil {
			delete(body, field)
		}
	}
	return body
}

func (c *caller) rent(name string, changes object) wire.Instance {
	c.t.Helper()
	return into[wire.Instance](c.call("POST", "/gpu-instances", c.rental(name, changes)).is(201))
}

func (c *caller) get(id wire.ID) wire.Instance {
	c.t.Helper()
	return into[wire.Instance](c.call("GET", "/gpu-instances/"+string(id), nil).is(200))
}

// await reads an instance until it has the status; the clock of the test's
// simulator moves by being read.
func (c *caller) await(id wire.ID, status wire.InstanceStatus) wire.Instance {
	c.t.Helper()
	var inst wire.Instance
	for range 10 {
		if inst = c.get(id); inst.Status == status {
			return inst
		}
	}
	c.t.Fatalf("instance %s stays %s, want %s", id, inst.Status, status)
	return inst
}

func (c *caller) account() wire.Account {
	c.t.Helper()
	return into[wire.Account](c.call("GET", "/account", nil).is(200))
}

// rentOne rents a machine of the cheapest offer behind the API's back.
func rentOne(name string) func(w *engine.World) error {
	return func(w *engine.World) error {
		offer := w.Offers(func(o *engine.Offer) bool { return o.GPUsAvailable > 0 && o.DiskAvailableGB >= 10 })[0]
		_, err := w.Rent(engine.RentRequest{
			Name: name, Spec: engine.Spec{OfferID: offer.ID, OS: engine.Linux, GPUCount: 1, StorageGB: 10, RentalHours: 1},
		})
		return err
	}
}
