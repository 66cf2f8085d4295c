package provider

import (
	"context"
	"fmt"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// rentals remembers what this process has rented, or may have: an onError hook
// calls Create again for a machine that it has made already. Another resource
// that asks for the same name does not get it.
type rentals struct {
	mu     sync.Mutex
	states map[rentalKey]InstanceState
	busy   map[string]resource.URN // names that are being rented
}

type rentalKey struct {
	urn  resource.URN
	name string
}

// remember keeps what is known of a rental; without an instance id it is not
// known whether it took place.
func (r *rentals) remember(ctx context.Context, name string, state InstanceState) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.states == nil {
		r.states = map[rentalKey]InstanceState{}
	}
	for key, other := range r.states {
		if state.InstanceID != "" && other.InstanceID == state.InstanceID {
			delete(r.states, key) // it had another name
		}
	}
	r.states[rentalKey{requestOf(ctx).urn, name}] = state
}

// known is what this process has written down of an instance last. The engine
// repeats a step that failed (onError) with the state from before it.
func (r *rentals) known(id string) (InstanceState, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, state := range r.states {
		if id != "" && state.InstanceID == id {
			return state, true
		}
	}
	return InstanceState{}, false
}

// of is what an earlier Create of the same resource has come to.
func (r *rentals) of(ctx context.Context, name string) (InstanceState, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	state, ok := r.states[rentalKey{requestOf(ctx).urn, name}]
	return state, ok
}

// forget drops a rental that is over, or that never was.
func (r *rentals) forget(name string, id pictor.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, state := range r.states {
		if state.InstanceID == "" && key.name == name || id != "" && state.InstanceID == string(id) {
			delete(r.states, key)
		}
	}
}

// byAnother tells whether an instance is one that this process has rented for
// another resource than that of the request.
func (r *rentals) byAnother(ctx context.Context, id pictor.ID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, state := range r.states {
		if urn := requestOf(ctx).urn; state.InstanceID == string(id) && urn != "" && key.urn != urn {
			return true
		}
	}
	return false
}

// claim keeps two resources of a program from renting under one name at the same
// time, or as long as it is not known what became of one of them: neither could
// tell whose the machine is. What it returns gives the name back.
func (r *rentals) claim(ctx context.Context, name string) (release func(), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	urn := requestOf(ctx).urn
	if other, taken := r.busy[name]; taken && other != urn {
		return nil, fmt.Errorf("%s is being rented under the name %q too; nothing was rented: give each a name of its own", other, name)
	}
	for key, state := range r.states {
		if key.name == name && key.urn != urn && state.InstanceID == "" {
			return nil, fmt.Errorf("it is not known yet whether %s was rented under the name %q; nothing was rented: give each a name of its own", key.urn, name)
		}
	}
	if r.busy == nil {
		r.busy = map[string]resource.URN{}
	}
	r.busy[name] = urn
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.busy, name)
	}, nil
}
