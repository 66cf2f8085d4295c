package simtest_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// renter is a program that uses a simulator through the API.
type renter struct {
	*pictor.Client
	t   *testing.T
	sim *simtest.Sim
}

func newRenter(t *testing.T, sim *simtest.Sim) renter {
	t.Helper()
	client, err := pictor.New(pictor.Config{Endpoint: sim.Endpoint, APIKey: sim.APIKey})
	if err != nil {
		t.Fatal(err)
	}
	return renter{client, t, sim}
}

// rent takes an offer.
func (r renter) rent(name string, hours int) pictor.Instance {
	r.t.Helper()
	machine, err := r.try(name, hours)
	if err != nil {
		r.t.Fatal(err)
	}
	return machine
}

func (r renter) try(name string, hours int) (pictor.Instance, error) {
	return r.CreateInstance(r.t.Context(), pictor.InstanceCreate{
		Name: name, OfferId: r.offer(), Os: pictor.Linux, GpuCount: 1, StorageGb: 10, RentalHours: hours,
	}, name)
}

// offer is the first of the market that is not taken.
func (r renter) offer() (id pictor.ID) {
	r.sim.Do(r.t, func(w *engine.World) error {
		id = pictor.ID(w.Offers(func(o *engine.Offer) bool { return o.GPUsAvailable > 0 })[0].ID)
		return nil
	})
	return id
}

func (r renter) giveBack(machine pictor.Instance) {
	r.t.Helper()
	if err := r.DeleteInstance(r.t.Context(), machine.Id); err != nil {
		r.t.Fatal(err)
	}
}

// get is answered once, whatever the answer is.
func (r renter) get(url, key string) (status int) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, url, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// refused asks for the account and is told that it cannot be had now.
func (r renter) refused() {
	r.t.Helper()
	if status := r.get(r.sim.Endpoint+"/account", r.sim.APIKey); status != http.StatusServiceUnavailable {
		r.t.Errorf("it is answered %d", status)
	}
}

// control asks the control API for something that it does.
func (r renter) control(method, path string, body any) {
	r.t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		r.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.sim.URL+control.BasePath+path, bytes.NewReader(data))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		r.t.Errorf("%s %s is answered %s", method, path, resp.Status)
	}
}
