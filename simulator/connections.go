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

	mu       sync.Mutex
	awaited  *list.List // of *connection, the longest first
	answered *list.List // of *connection, the longest first
}

func newConnections(limit int) *connections {
	return &connections{limit: limit, awaited: list.New(), answered: list.New()}
}

// connection is one of a server's.
type connection struct {
	net.Conn
	all *connections

	// What follows is guarded by all.mu.
	in     *list.List // nil before it has a place, and when it has none any more
	at     *list.Element
	since  time.Time // when it came in
	whole  bool      // the request has come in full
	client string    // who has sent it; empty while that is not known
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
		conn.enter(c.awaited)
		if c.awaited.Len()+c.answered.Len() > c.limit {
			surplus := c.surplus(conn)
			surplus.leave()
			return surplus
		}
	case http.StateIdle: // a request has been answered
		conn.whole, conn.client = false, ""
		if conn.in == c.answered {
			conn.leave()
			conn.enter(c.awaited)
		}
	case http.StateClosed, http.StateHijacked:
		conn.leave()
	}
	return nil
}

// surplus chooses the one that gives way to a newcomer, or the newcomer.
func (c *connections) surplus(newcomer *connection) *connection {
	longest := c.awaited.Front().Value.(*connection)
	if newcomer.since.Sub(longest.since) >= arrivalTime {
		return longest
	}
	requests, most := map[string]int{}, c.awaited.Len()
	for at := c.answered.Front(); at != nil; at = at.Next() {
		requests[at.Value.(*connection).client]++
	}
	for at := c.answered.Front(); at != nil; at = at.Next() {
		if conn := at.Value.(*connection); requests[conn.client] > most {
			longest, most = conn, requests[conn.client]
		}
	}
	return longest
}

func (conn *connection) enter(l *list.List) {
	conn.in, conn.at, conn.since = l, l.PushBack(conn), time.Now()
}

func (conn *connection) leave() {
	if conn.in != nil {
		conn.in.Remove(conn.at)
	}
	conn.in, conn.at = nil, nil
}

// learn notes something of the request. One that has come in full, from a client,
// is being answered.
func (conn *connection) learn(something func()) {
	conn.all.mu.Lock()
	defer conn.all.mu.Unlock()
	something()
	if conn.whole && conn.client != "" && conn.in == conn.all.awaited {
		conn.leave()
		conn.enter(conn.all.answered)
	}
}

func (conn *connection) completed() { conn.learn(func() { conn.whole = true }) }

// admitted says which client a request has come from.
func admitted(r *http.Request, client string) {
	if conn, ok := r.Context().Value(connectionKey{}).(*connection); ok { // else it came by no connection of ours
		conn.learn(func() { conn.client = client })
	}
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

// watch notices when requests have come in full. A handler that leaves a body
// unread leaves the connection to those that give way.
func (c *connections) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn := r.Context().Value(connectionKey{}).(*connection)
		if r.Body == http.NoBody {
			conn.completed()
		} else {
			watched := *r // http.Server looks at the body of its own request later
			watched.Body = &watchedBody{r.Body, conn.completed}
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
