package fault

import (
	"context"
	"net/http"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// Effect is a kind of fault with its parameters, such as [Status]. It is an
// [Answerer], a [Holder] or both, a [Striker], or [Stale].
type Effect any

// Answer is what the simulator would have answered; empty where the request has
// not been carried out yet.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Answerer decides what reaches the client instead of the answer.
type Answerer interface {
	Answer(w http.ResponseWriter, real Answer) error
}

// Holder holds the request, or its answer, up. The context ends when the client
// goes away, when the sandbox is deleted, reset or restored, and when the simulator
// shuts down.
type Holder interface {
	Hold(ctx context.Context)
}

// Striker does something to the world. An error says that there was nothing to
// strike; then the world is as it was.
type Striker interface {
	Strike(w *engine.World, at Target) error
}

// Target is what a request that is struck is about, as far as it is known.
type Target struct {
	InstanceID string
	OfferID    string
}

// The effects of this package know more of themselves.
type (
	kinded  interface{ kind() string }
	checked interface{ check(bad engine.Fields) }
)
