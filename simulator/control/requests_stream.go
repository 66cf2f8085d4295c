package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/journal"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// writeTime is how long a reader of a live stream may take for one event.
const writeTime = 15 * time.Second

// streamRequests sends each entry of the journal as it comes, as server-sent
// events. With Last-Event-ID, or since, it begins behind that number, as far as
// the journal still has what followed.
func (h handlers) streamRequests(c echo.Context) error {
	s, err := h.selected(c)
	if err != nil {
		return err
	}
	filter, err := readFilter(c)
	if err != nil {
		return err
	}
	after := int64(journal.Newest)
	if c.QueryParam("since") != "" {
		after = filter.since
	}
	if id := c.Request().Header.Get("Last-Event-ID"); id != "" {
		if after, err = strconv.ParseInt(id, 10, 64); err != nil {
			return engine.Fields{"Last-Event-ID": {"is not the number of a request"}}.Err()
		}
	}
	subscription := s.Journal.Subscribe(after)
	defer subscription.Close()

	out, err := newEventStream(c)
	if err != nil {
		return err
	}
	send := func(e *journal.Entry) error { return h.sendRequest(out, s, filter, e) }
	for _, e := range subscription.Missed {
		if err := send(e); err != nil {
			return nil
		}
	}
	heartbeat := time.NewTicker(h.heartbeat)
	defer heartbeat.Stop()
	for {
		select {
		case e, open := <-subscription.Entries:
			if !open || send(e) != nil {
				return nil // the sandbox is gone, or the reader is, or is too slow
			}
		case <-heartbeat.C:
			if out.write(": still here\n\n") != nil {
				return nil
			}
		case <-c.Request().Context().Done():
			return nil
		case <-h.ending:
			return nil
		}
	}
}

func (h handlers) sendRequest(out *eventStream, s *store.Sandbox, f filter, e *journal.Entry) error {
	if !f.matches(e) {
		return nil
	}
	data, err := json.Marshal(h.shownRequest(s, e))
	if err != nil {
		return err
	}
	return out.write(fmt.Sprintf("id: %d\nevent: request\ndata: %s\n\n", e.Number, data))
}

// eventStream is an answer that goes on.
type eventStream struct {
	response *echo.Response
	control  *http.ResponseController
}

// newEventStream begins the answer. The server's limits on how long a request may
// take are for others.
func newEventStream(c echo.Context) (*eventStream, error) {
	s := &eventStream{c.Response(), http.NewResponseController(c.Response())}
	// Without this the end of the server's read time would end the request.
	if err := s.control.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	s.response.Header().Set(echo.HeaderContentType, "text/event-stream")
	s.response.Header().Set(echo.HeaderCacheControl, "no-store")
	s.response.WriteHeader(http.StatusOK)
	return s, s.write(": the requests of a sandbox, as they come\n\n")
}

// write sends text at once, or gives the reader up.
func (s *eventStream) write(text string) error {
	if err := s.control.SetWriteDeadline(time.Now().Add(writeTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := s.response.Write([]byte(text)); err != nil {
		return err
	}
	return s.control.Flush()
}
