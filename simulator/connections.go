package simulator

import (
	"container/list"
	"net"
	"net/http"
	"sync"
)

// DefaultMaxConnections is how many connections a server keeps open at once.
const DefaultMaxConnections = 4096

// connections keeps a client that opens connections and leaves them alone from
// taking the place of the others: beyond the limit, the connection that has been
// waiting longest for a request is closed, or the newest one when all are busy.
type connections struct {
	limit int

	mu      sync.Mutex
	open    map[net.Conn]*list.Element // nil while a request is under way
	waiting *list.List                 // of net.Conn, the longest waiting first
}

func newConnections(limit int) *connections {
	return &connections{limit: limit, open: map[net.Conn]*list.Element{}, waiting: list.New()}
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
	if element := c.open[conn]; element != nil {
		c.waiting.Remove(element)
	}
	switch state {
	case http.StateNew, http.StateIdle:
		c.open[conn] = c.waiting.PushBack(conn)
	case http.StateActive:
		c.open[conn] = nil
	default:
		delete(c.open, conn)
	}
	if state != http.StateNew || len(c.open) <= c.limit {
		return nil
	}
	longest := c.waiting.Front() // there is one: the new connection itself
	surplus := longest.Value.(net.Conn)
	c.waiting.Remove(longest)
	delete(c.open, surplus)
	return surplus
}
