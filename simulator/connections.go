package simulator

import (
	"container/list"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
)

// DefaultMaxConnections is how many connections a server keeps open at once.
const DefaultMaxConnections = 4096

// blockedTime is how long a client may take to make room for more of an answer
// before its connection gives way to others.
const blockedTime = time.Second

// connections keeps a client that is slow, or takes more than its share, from
// taking the place of the others. Beyond the limit one connection is closed:
//
//   - of those whose request, or the rest of it, is awaited, the one that has been
//     so longest;
//   - where only the newcomer is, of those that do not take their answer, the one
//     that has not longest;
//   - else, of the client that has most requests being answered, the one that has
//     been so longest;
//   - where none has more than one, the newcomer.
type connections struct {
	limit int

	mu       sync.Mutex
	awaited  *list.List // of *connection: a request, or the rest of it, is to come
	answered *list.List // of *connection: a request has come in full
}

func newConnections(limit int) *connections {
	return &connections{limit: limit, awaited: list.New(), answered: list.New()}
}

// connection is one of a server's.
type connection struct {
	net.Conn
	all     *connections
	writing atomic.Int64 // since when, in Unix nanoseconds; 0 where nothing is being written

	// What follows is guarded by all.mu.
	in     *list.List // nil before it has a place, and when it has none any more
	at     *list.Element
	client string // who has sent the request that is being answered: its key
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
	case http.StateActive, http.StateIdle:
		conn.move(c.awaited)
	case http.StateClosed, http.StateHijacked:
		conn.leave()
	}
	return nil
}

// surplus chooses the one that gives way to a newcomer, or the newcomer.
func (c *connections) surplus(newcomer *connection) *connection {
	longest := c.awaited.Front().Value.(*connection)
	if longest != newcomer {
		return longest
	}
	requests, blocked := map[string]int{}, time.Now().Add(-blockedTime).UnixNano()
	for at := c.answered.Front(); at != nil; at = at.Next() {
		conn := at.Value.(*connection)
		requests[conn.client]++
		if since := conn.writing.Load(); since != 0 && since <= blocked {
			longest, blocked = conn, since
		}
	}
	if longest != newcomer {
		return longest
	}
	most := 1
	for at := c.answered.Front(); at != nil; at = at.Next() {
		if conn := at.Value.(*connection); requests[conn.client] > most {
			longest, most = conn, requests[conn.client]
		}
	}
	return longest
}

func (conn *connection) enter(l *list.List) { conn.in, conn.at = l, l.PushBack(conn) }

func (conn *connection) leave() {
	if conn.in != nil {
		conn.in.Remove(conn.at)
	}
	conn.in, conn.at = nil, nil
}

// move takes a connection that has a place to the end of a list.
func (conn *connection) move(to *list.List) {
	switch conn.in {
	case nil: // it was one too many
	case to:
		to.MoveToBack(conn.at)
	default:
		conn.leave()
		conn.enter(to)
	}
}

// answering says that a request of a client has come in full.
func (conn *connection) answering(client string) {
	conn.all.mu.Lock()
	defer conn.all.mu.Unlock()
	conn.client = client
	conn.move(conn.all.answered)
}

// Write waits until the client has made room for what is written.
func (conn *connection) Write(p []byte) (int, error) {
	conn.writing.Store(time.Now().UnixNano())
	defer conn.writing.Store(0)
	return conn.Conn.Write(p)
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
		client := api.Key(r)
		if r.Body == http.NoBody {
			conn.answering(client)
		} else {
			watched := *r // http.Server looks at the body of its own request later
			watched.Body = &watchedBody{r.Body, func() { conn.answering(client) }}
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
