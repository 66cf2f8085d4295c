package simulator

import (
	"container/list"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// DefaultMaxConnections is how many connections a server keeps open at once.
const DefaultMaxConnections = 4096

// arrivalTime is how long a request may take to come in before its connection is
// the first to give way.
const arrivalTime = 200 * time.Millisecond

// connections keeps a client that is slow, or takes more than its share, from
// taking the place of the others. A client is a sandbox, by a valid API key, or
// whoever may use the control API. All else is awaited: a request, the rest of it,
// or that somebody unknown takes an answer, which is made in no time.
//
// Beyond the limit one connection is closed: the one that is awaited longest if it
// is so for longer than a request needs to come in; else, if a client has more
// requests that are being answered than are awaited, the longest of the one that
// has most; else the one that is awaited longest, which can be the newcomer.
type connections struct {
	limit int

	mu   sync.Mutex
	open *list.List // of *connection, those first that are longest what they are
}

// connection is one of a server's.
type connection struct {
	net.Conn
	all *connections

	// What follows is guarded by all.mu.
	at     *list.Element // nil before it has a place, and when it has none any more
	since  time.Time     // when it began to be awaited
	client string        // whose request is being answered; empty while it is awaited
}

// changed is told by http.Server of every connection's state.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	if surplus := c.note(conn.(*connection), state); surplus != nil {
		_ = surplus.Close() // the server notices it
	}
}

// note answers which connection is one too many, if any.
func (c *connections) note(conn *connection, state http.ConnState) *connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		conn.at, conn.since = c.open.PushBack(conn), time.Now()
		if c.open.Len() > c.limit {
			surplus := c.surplus(conn)
			surplus.leave()
			return surplus
		}
	case http.StateIdle: // a request has been answered
		if conn.client != "" {
			conn.becomes("")
			conn.since = time.Now()
		}
	case http.StateClosed, http.StateHijacked:
		conn.leave()
	}
	return nil
}

// surplus chooses the one that gives way to a newcomer, or the newcomer.
func (c *connections) surplus(newcomer *connection) *connection {
	requests, awaited := map[string]int{}, (*connection)(nil) // the longest
	for at := c.open.Front(); at != nil; at = at.Next() {
		conn := at.Value.(*connection)
		if requests[conn.client]++; conn.client == "" && awaited == nil {
			awaited = conn
		}
	}
	surplus := awaited
	if newcomer.since.Sub(awaited.since) >= arrivalTime {
		return surplus
	}
	for at := c.open.Front(); at != nil; at = at.Next() {
		if conn := at.Value.(*connection); requests[conn.client] > requests[surplus.client] {
			surplus = conn
		}
	}
	return surplus
}

// leave gives a connection's place away, if it has one.
func (conn *connection) leave() {
	if conn.at != nil {
		conn.all.open.Remove(conn.at)
		conn.at = nil
	}
}

// becomes makes it one that a client's request is answered by, or that is awaited.
func (conn *connection) becomes(client string) {
	conn.client = client
	if conn.at != nil {
		conn.all.open.MoveToBack(conn.at)
	}
}

func (conn *connection) answers(client string) {
	conn.all.mu.Lock()
	defer conn.all.mu.Unlock()
	conn.becomes(client)
}

// SetLinger is of a TCP connection.
func (conn *connection) SetLinger(seconds int) error {
	if tcp, ok := conn.Conn.(*net.TCPConn); ok {
		return tcp.SetLinger(seconds)
	}
	return errors.ErrUnsupported
}

// watchedListener makes connections known.
type watchedListener struct {
	net.Listener
	all *connections
}

func (l watchedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &connection{Conn: conn, all: l.all}, nil
}

// connectionKey is where a request's context has its connection.
type connectionKey struct{}

// introduce is told by http.Server of every connection that requests will come by.
func (c *connections) introduce(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, conn)
}

// admitted says which client a request is from. It is being answered when it has
// come in full; a handler that leaves a body unread leaves the connection to those
// that are awaited.
func admitted(r *http.Request, client string) {
	conn, ok := r.Context().Value(connectionKey{}).(*connection)
	switch {
	case !ok: // it came by no connection of ours
	case r.Body == http.NoBody:
		conn.answers(client)
	default:
		r.Body = &watchedBody{r.Body, conn, client}
	}
}

// watchedBody tells when the body of a client's request has been read to its end.
type watchedBody struct {
	io.ReadCloser
	conn   *connection
	client string
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		b.conn.answers(b.client)
	}
	return n, err
}
