package api

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/journal"
)

// FaultKey is where, in echo's context, the id of the fault that hit is left for
// the journal.
const FaultKey = "pictor.fault"

// keepJournal enters every request of a sandbox into its journal, with what
// really went out. It comes before all that can spoil an answer, and behind
// authenticate, whose time it takes.
func keepJournal(wall func() time.Time) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r, call := c.Request(), callOf(c)
			began := wall()
			entry := &journal.Entry{
				Wall: began, Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Header: r.Header, Body: beginning(r),
			}
			entry.At = call.Arrived
			if int64(len(entry.Body.Data)) == r.ContentLength {
				call.body = entry.Body.Data
			}
			watched := &watchedWriter{ResponseWriter: c.Response().Writer}
			enter := func() {
				if watched.entered {
					return
				}
				watched.entered = true
				entry.Took = wall().Sub(began)
				entry.Status, entry.Answer = watched.sent()
				if route := routeOf(c); route != nil {
					entry.Operation = route.Operation.OperationID
				}
				entry.RequestID = c.Response().Header().Get(echo.HeaderXRequestID)
				entry.Fault, _ = c.Get(FaultKey).(string)
				call.Enter(entry, call.secret)
			}
			watched.takenOver = enter // before the client sees that its connection broke
			c.Response().Writer = watched
			watched.panicked = true
			defer func() { // also when next panics
				c.Response().Writer = watched.ResponseWriter
				enter()
			}()
			if err := next(c); err != nil {
				c.Error(err) // here, so that it is seen
			}
			watched.panicked = false
			return nil
		}
	}
}

// beginning reads as much of a body as the journal keeps and puts it back.
func beginning(r *http.Request) journal.Body {
	if r.Body == nil || r.Body == http.NoBody {
		return journal.Body{}
	}
	// An error comes again when the handler reads on. Where the length is not
	// known, one byte more says whether there is more.
	var data []byte
	if length := r.ContentLength; length >= 0 && length <= journal.MaxBody {
		data = make([]byte, length)
		n, _ := io.ReadFull(r.Body, data)
		data = data[:n]
	} else {
		data, _ = io.ReadAll(io.LimitReader(r.Body, journal.MaxBody+1))
	}
	body := &rereadBody{rest: r.Body}
	body.head.Reset(data)
	r.Body = body
	kept := min(len(data), journal.MaxBody)
	return journal.Body{Data: data[:kept:kept], Cut: kept < len(data)}
}

// rereadBody is a body whose beginning has been read already.
type rereadBody struct {
	head bytes.Reader
	rest io.ReadCloser
}

func (b *rereadBody) Read(p []byte) (int, error) {
	if b.head.Len() > 0 {
		return b.head.Read(p)
	}
	return b.rest.Read(p)
}

func (b *rereadBody) Close() error { return b.rest.Close() }

// watchedWriter is an http.ResponseWriter that remembers what went through it.
type watchedWriter struct {
	http.ResponseWriter
	status    int
	answer    journal.Body
	broken    bool // the connection was taken over
	takenOver func()
	entered   bool // into the journal
	panicked  bool // the handler has, unless it is still at work
}

// Unwrap is for http.ResponseController.
func (w *watchedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *watchedWriter) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watchedWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	kept := min(n, journal.MaxBody-len(w.answer.Data))
	if w.answer.Data == nil {
		w.answer.Data = make([]byte, 0, kept) // most answers are written at once
	}
	w.answer.Data = append(w.answer.Data, b[:kept]...)
	w.answer.Cut = w.answer.Cut || kept < n
	return n, err
}

// Hijack hands the connection over, as a fault does that breaks it off.
func (w *watchedWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.broken = true
		w.takenOver()
	}
	return conn, buffered, err
}

// sent is what went out. What is left unsaid when a handler returns, net/http
// sends as 200; after a panic there is a 500 yet to come.
func (w *watchedWriter) sent() (int, journal.Body) {
	switch {
	case w.status != 0 || w.broken:
		return w.status, w.answer
	case w.panicked:
		return http.StatusInternalServerError, w.answer
	default:
		return http.StatusOK, w.answer
	}
}
