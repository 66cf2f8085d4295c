package simulator

import (
	"container/list"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
)

// DefaultMaxConnections is how many connections a server keeps open at once.
const DefaultMaxConnections = 4096

// connections keeps a client that opens connections and leaves them alone, or
// sends its requests slowly, from taking the place of the others: beyond the
// limit, the connection whose request has been awaited longest is closed. One
// whose request has come in full is not, as its client waits for the answer:
// where there are only such, the newcomer is closed.
type connections struct {
	limit int

	mu      sync.Mutex
	open    map[net.Conn]*list.Element // in awaited; nil once the request has come in full
	awaited *list.List                 // of net.Conn: the request or the rest of it, the longest first
}

func newConnections(limit int) *connections {
	return &connections{limit: limit, open: map[net.Conn]*list.Element{}, awaited: list.New()}
}

// changed is told by http.Server of every connection's state.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	if surplus := c.note(conn, state); surplus != nil {
		_ = surplus.Close() // the server notices it
	}
}

// note answers which connection is one too many, if any.
func (c *connections) note(conn net.Conn, state http.ConnState) net.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, known := c.open[conn]
	c.remove(conn)
	switch state {
	case http.StateNew:
		known = true
	case http.StateClosed, http.StateHijacked:
		known = false
	}
	if known { // else it was one too many
		c.open[conn] = c.awaited.PushBack(conn)
	}
	if state != http.StateNew || len(c.open) <= c.limit {
		return nil
	}
	surplus := c.awaited.Front().Value.(net.Conn) // there is one: the newcomer itself
	c.remove(surplus)
	return surplus
}

func (c *connections) remove(conn net.Conn) {
	if at := c.open[conn]; at != nil {
		c.awaited.Remove(at)
	}
	delete(c.open, conn)
}

// complete says that a connection's request has come in full.
func (c *connections) complete(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := c.open[conn]; at != nil {
		c.awaited.Remove(at)
		c.open[conn] = nil
	}
}

// connectionKey is where a request's context has its connection.
type connectionKey struct{}

// introduce is told by http.Server of every connection that requests will come by.
func (c *connections) introduce(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, conn)
}

// watch notices when requests have come in full. A handler that leaves a body
// unread leaves the connection to those that give way.
func (c *connections) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn := r.Context().Value(connectionKey{}).(net.Conn)
		if r.Body == http.NoBody {
			c.complete(conn)
		} else {
			watched := *r // http.Server looks at the body of its own request later
			watched.Body = &watchedBody{r.Body, func() { c.complete(conn) }}
			r = &watched
		}
		next.ServeHTTP(w, r)
	})
}

// watchedBody tells when a body has been read to its end.
type watchedBody struct {
	io.ReadCloser
	ended func()
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		b.ended()
	}
	return n, err
}
