package provider

import (
	"context"
	"sync"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// An instance that does not renew itself expires soon in the last tenth of the
// hours that are paid for, but not earlier than a day before, nor later than a
// quarter of an hour.
const (
	soonShare = 10
	soonMost  = 24 * time.Hour
	soonLeast = 15 * time.Minute
)

// warnOfExpiry lets every run warn, once, of an instance that expires soon and
// does not renew itself: also one in which nothing changes, since all that such
// a run asks is for the differences.
func warnOfExpiry(prov p.Provider, clock pictor.Clock) p.Provider {
	w := &expiryWarner{clock: clock, warned: map[resource.URN]bool{}}
	diff := prov.Diff
	prov.Diff = func(ctx context.Context, req p.DiffRequest) (p.DiffResponse, error) {
		resp, err := diff(ctx, req)
		if err == nil && !replaces(resp.DetailedDiff) && !extends(resp) {
			w.look(ctx, req.Urn, req.State, req.Inputs)
		}
		return resp, err
	}
	create := prov.Create
	prov.Create = func(ctx context.Context, req p.CreateRequest) (p.CreateResponse, error) {
		resp, err := create(ctx, req)
		w.look(ctx, req.Urn, resp.Properties, req.Properties)
		return resp, err
	}
	update := prov.Update
	prov.Update = func(ctx context.Context, req p.UpdateRequest) (p.UpdateResponse, error) {
		resp, err := update(ctx, req)
		w.look(ctx, req.Urn, resp.Properties, req.Inputs)
		return resp, err
	}
	read := prov.Read
	prov.Read = func(ctx context.Context, req p.ReadRequest) (p.ReadResponse, error) {
		resp, err := read(ctx, req)
		w.look(ctx, req.Urn, resp.Properties, resp.Inputs)
		return resp, err
	}
	return prov
}

func extends(d p.DiffResponse) bool { _, yes := d.DetailedDiff["extensionHours"]; return yes }

// expiryWarner knows what it has said; it lives as long as a run.
type expiryWarner struct {
	clock pictor.Clock

	mu     sync.Mutex
	warned map[resource.URN]bool
}

// look warns if an instance with this state expires soon and the inputs do not
// let it renew itself.
func (w *expiryWarner) look(ctx context.Context, urn resource.URN, state, inputs property.Map) {
	if urn.Type() != instanceToken || inputs.Get("autoRenew").HasComputed() || isTrue(inputs.Get("autoRenew")) {
		return
	}
	at := plain(state.Get("expiresAt"))
	if !at.IsString() {
		return
	}
	expires, err := time.Parse(time.RFC3339, at.AsString())
	if err != nil {
		return
	}
	left := expires.Sub(w.clock.Now())
	if left <= 0 || left > soon(state) || !w.first(urn) {
		return
	}
	p.GetLogger(ctx).Warningf("instance %s expires in %s, at %s, and is not renewed: Pictor then terminates it, with what is on it. "+
		"To keep it, set autoRenew to true, or raise extensionHours, and run \"pulumi up\" before", urn.Name(), left.Round(time.Minute), at.AsString())
}

func (w *expiryWarner) first(urn resource.URN) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	first := !w.warned[urn]
	w.warned[urn] = true
	return first
}

func soon(state property.Map) time.Duration {
	hours := 0.0
	for _, key := range []string{"rentalHours", "extendedHours"} {
		if v := state.Get(key); v.IsNumber() {
			hours += v.AsNumber()
		}
	}
	return min(max(time.Duration(hours*float64(time.Hour))/soonShare, soonLeast), soonMost)
}

func isTrue(v property.Value) bool { v = plain(v); return v.IsBool() && v.AsBool() }
