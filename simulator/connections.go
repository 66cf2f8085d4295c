package simulator

import (
	"container/list"
	"net"
	"net/http"
	"sync"
)

// DefaultMaxConnections is how many connections a server keeps open at once.
const DefaultMaxConnections = 4096

// connections keeps a client that opens connections and leaves them alone, or
// sends its requests slowly, from taking the place of the others: beyond the
// limit, the connection that has been waiting longest for a request is closed, or
// where all are busy, the one whose request takes longest.
type connections struct {
	limit int

	mu            sync.Mutex
	open          map[net.Conn]place
	waiting, busy *list.List // of net.Conn, the longest first
}

// place is where a connection stands.
type place struct {
	list *list.List
	at   *list.Element
}

func newConnections(limit int) *connections {
	return &connections{limit: limit, open: map[net.Conn]place{}, waiting: list.New(), busy: list.New()}
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
	c.remove(conn)
	switch state {
	case http.StateNew, http.StateIdle:
		c.open[conn] = place{c.waiting, c.waiting.PushBack(conn)}
	case http.StateActive:
		c.open[conn] = place{c.busy, c.busy.PushBack(conn)}
	}
	if state != http.StateNew || len(c.open) <= c.limit {
		return nil
	}
	longest := c.waiting.Front() // there is one: the new connection itself
	if longest.Value == conn && c.busy.Len() > 0 {
		longest = c.busy.Front()
	}
	surplus := longest.Value.(net.Conn)
	c.remove(surplus)
	return surplus
}

func (c *connections) remove(conn net.Conn) {
	if p, ok := c.open[conn]; ok {
		p.list.Remove(p.at)
		delete(c.open, conn)
	}
}
