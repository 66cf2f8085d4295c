package control_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// stuck checks that a run was refused, with all of the words.
func (w *world) stuck(body string, words ...string) {
	w.t.Helper()
	var refusal struct{ Code, Message string }
	w.is(w.send("POST", "/_sim/clock/advance", body), 409, &refusal)
	for _, word := range words {
		if !strings.Contains(refusal.Message, word) {
			w.t.Errorf("%s is refused with %q, which does not say %q", body, refusal.Message, word)
		}
	}
}

func (w *world) advanced(body string) (clock control.Clock) {
	w.t.Helper()
	w.is(w.send("POST", "/_sim/clock/advance", body), 200, &clock)
	return clock
}

func (w *world) status(id string) engine.Status {
	w.t.Helper()
	var inst engine.Instance
	w.sim.Sandbox.View(func(world *engine.World) { inst, _ = world.Instance(id) })
	return inst.Status
}

func TestTheClockIsMoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var clock control.Clock
	if w.is(w.send("GET", "/_sim/clock", ""), 200, &clock); !clock.Now.Equal(engine.Epoch) || clock.Mode != "frozen" || clock.NextEvent != nil {
		t.Errorf("the clock is %+v", clock)
	}
	if got := w.advanced(`{"by":"36h"}`); !got.Now.Equal(engine.Epoch.Add(36 * time.Hour)) {
		t.Errorf("36 h later it is %s", got.Now)
	}
	if got := w.advanced(`{"to":"2026-02-01T01:00:00+01:00"}`); !got.Now.Equal(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("it is %s, want February", got.Now)
	}
	if answer := w.send("PUT", "/_sim/clock", `{"mode":"poll=5"}`); answer.Code != 200 || !strings.Contains(answer.Body.String(), `"mode":"poll=5"`) {
		t.Errorf("the mode is set with %d %s", answer.Code, answer.Body)
	}
	for body, field := range map[string]string{
		`{"mode":"sundial"}`: "mode", `{}`: "mode", `{"mode":"real","speed":3}`: "speed",
	} {
		w.invalid("PUT", "/_sim/clock", body, field)
	}
}

func TestTheClockGoesForwardOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for body, field := range map[string]string{
		`{}`: "by", `{"by":"1h","to":"2027-01-01T00:00:00Z"}`: "by", `{"by":"1h","until":"next-event"}`: "by",
		`{"by":"-1h"}`: "by", `{"by":"tomorrow"}`: "by", `{"by":"2000000h"}`: "by", `{"by":3}`: "by",
		`{"to":"2025-12-31T23:59:59Z"}`: "to", `{"to":"2300-01-01T00:00:00Z"}`: "to", `{"to":"soon"}`: "to",
		`{"until":"doomsday"}`: "until", `{"until":3}`: "until", `{"until":{"instance":"x"}}`: "until.status",
		`{"until":{"status":"running"}}`: "until.instance", `{"until":{"instance":"x","status":"alive"}}`: "until.status",
		`{"until":{"instance":"x","status":"running","colour":1}}`: "until.colour",
		`{"by":"1h","within":"2h"}`:                                "within", `{"until":"next-event","within":"0s"}`: "within", `{"by":"1h","speed":2}`: "speed",
	} {
		w.invalid("POST", "/_sim/clock/advance", body, field)
	}
	answer := w.send("POST", "/_sim/clock/advance", `{"to":"2025-12-31T23:59:59Z"}`).Body.String()
	if !strings.Contains(answer, "it is 2026-01-01T00:00:00Z") {
		t.Errorf("the refusal does not say what time it is: %s", answer)
	}
	var clock control.Clock
	if w.is(w.send("GET", "/_sim/clock", ""), 200, &clock); !clock.Now.Equal(engine.Epoch) {
		t.Errorf("refused, the clock has moved to %s", clock.Now)
	}
}

func TestRunUntilAStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.rent("the-first-key", "trainer")
	if clock := w.advanced(`{"until":"next-event"}`); !clock.Now.Equal(engine.Epoch.Add(500*time.Millisecond)) || w.status(id) != engine.StatusProvisioning {
		t.Errorf("after the next event it is %s and the machine %s", clock.Now, w.status(id))
	}
	if clock := w.advanced(`{"until":{"instance":"` + id + `","status":"running"}}`); !clock.Now.Equal(engine.Epoch.Add(3500*time.Millisecond)) || w.status(id) != engine.StatusRunning {
		t.Errorf("it runs from %s on, being %s", clock.Now, w.status(id))
	}
	w.advanced(`{"until":{"instance":"trainer","status":"running"}}`) // it is already
	// A status that comes to pass only beyond the time that was given.
	w.stuck(`{"until":{"instance":"trainer","status":"terminated"},"within":"1h"}`, "within 1h", "is running", "It is 2026-01-01T00:00:03.5Z")
	if clock := w.advanced(`{"until":{"instance":"trainer","status":"terminated"}}`); !clock.Now.Equal(engine.Epoch.Add(10*time.Hour + 3500*time.Millisecond)) {
		t.Errorf("the rental ended at %s", clock.Now)
	}
	// Nothing leads from there to running, whatever else goes on.
	w.stuck(`{"until":{"instance":"trainer","status":"running"}}`, "trainer", "is terminated", "nothing is going to happen", "It is 2026-01-01T10:00:03.5Z")
	w.as("the-first-key", "DELETE", "/gpu-instances/"+id, "")
	w.stuck(`{"until":{"instance":"trainer","status":"running"}}`, "is gone", "It is 2026-01-01T10:00:04.5Z")
	w.refused(w.send("POST", "/_sim/clock/advance", `{"until":{"instance":"trainer","status":"running"}}`), 404, "not_found")
	w.stuck(`{"until":"next-event"}`, "Nothing is going to happen", "2026-01-01T10:00:04.5Z")
}

// Whoever gives up an advance leaves the clock where it has come to.
func TestAnAdvanceThatIsGivenUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rent("the-first-key", "trainer")
	given, giveUp := context.WithCancel(t.Context())
	giveUp()
	w.prepare = func(r *http.Request) { *r = *r.WithContext(given) }
	w.refused(w.send("POST", "/_sim/clock/advance", `{"until":{"instance":"trainer","status":"terminated"}}`), 503, "bad_request")
	w.prepare = func(*http.Request) {}
	var clock control.Clock
	if w.is(w.send("GET", "/_sim/clock", ""), 200, &clock); !clock.Now.Equal(engine.Epoch) {
		t.Errorf("it is %s", clock.Now)
	}
}
