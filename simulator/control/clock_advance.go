package control

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// NextEvent is what "until" says to let one event happen.
const NextEvent = "next-event"

// DefaultWithin is how far the clock is moved in search of a status.
const DefaultWithin = 365 * 24 * time.Hour

// Statuses are those that an instance can be waited for.
func Statuses() (words []string) {
	for _, s := range engine.Statuses() {
		words = append(words, string(s))
	}
	return words
}

// advance is what a request asks the clock for: one of the first four.
type advance struct {
	by        time.Duration
	to        time.Time
	nextEvent bool
	instance  string // id or name
	status    engine.Status
	within    time.Duration
}

func (h handlers) advanceClock(c echo.Context) error {
	s, err := h.selected(c)
	if err != nil {
		return err
	}
	f, err := readFields(c)
	if err != nil {
		return err
	}
	asked := readAdvance(f, shownClock(s).Now)
	if err := f.err(); err != nil {
		return err
	}
	ctx := c.Request().Context()
	switch {
	case !asked.to.IsZero():
		err = s.AdvanceTo(ctx, asked.to)
	case asked.nextEvent:
		err = toNextEvent(ctx, s, asked.within)
	case asked.instance != "":
		_, err = RunUntil(ctx, s, asked.instance, asked.status, asked.within)
	default:
		err = s.Advance(ctx, asked.by)
	}
	if ctx.Err() != nil {
		return echo.NewHTTPError(http.StatusServiceUnavailable, fmt.Sprintf("The request was given up; it is %s.", shownTime(shownClock(s).Now)))
	}
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shownClock(s))
}

func shownTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// readAdvance takes exactly one way to advance, forward from now.
func readAdvance(f *fields, now time.Time) (a advance) {
	a.within = DefaultWithin
	var ways []string
	if f.duration("by", &a.by) {
		ways = append(ways, "by")
		if a.by < 0 {
			f.refuse("by", "is %s: the clock only goes forward; it is %s", a.by, shownTime(now))
		} else if a.by > engine.Latest.Sub(now) {
			f.refuse("by", "is %s, which goes beyond %s, where every clock ends", a.by, shownTime(engine.Latest))
		}
	}
	if f.read("to", &a.to) {
		ways = append(ways, "to")
		if a.to.Before(now) {
			f.refuse("to", "is %s, which has passed: the clock only goes forward; it is %s", shownTime(a.to), shownTime(now))
		} else if a.to.After(engine.Latest) {
			f.refuse("to", "is beyond %s, where every clock ends", shownTime(engine.Latest))
		}
	}
	until := readUntil(f, &a)
	if until {
		ways = append(ways, "until")
	}
	if f.duration("within", &a.within) && !until {
		f.refuse("within", "goes with until only")
	} else if a.within <= 0 {
		f.refuse("within", "must be above 0")
	}
	if len(ways) != 1 && len(f.bad) == 0 {
		given := "none is given"
		if len(ways) > 0 {
			given = strings.Join(ways, " and ") + " are given"
		}
		f.refuse("by", "give exactly one of by, to and until; %s", given)
	}
	return a
}

// readUntil takes "next-event", or an instance and a status.
func readUntil(f *fields, a *advance) (given bool) {
	value := f.raw["until"]
	var word string
	if len(value) > 0 && value[0] == '"' && json.Unmarshal(value, &word) == nil {
		f.take("until")
		if a.nextEvent = word == NextEvent; !a.nextEvent {
			f.refuse("until", "%q is unknown: use %q or {\"instance\": \"ins_…\", \"status\": \"running\"}", word, NextEvent)
		}
		return true
	}
	o, given := f.object("until")
	if !given {
		return false
	}
	if !o.read("instance", &a.instance) || a.instance == "" {
		o.refuse("instance", "is needed: an id or a name")
	}
	var status string
	o.read("status", &status)
	a.status = engine.Status(status)
	if !slices.Contains(Statuses(), string(a.status)) {
		o.refuse("status", "%q is no status: use %s", a.status, strings.Join(Statuses(), ", "))
	}
	return true
}

// toNextEvent lets what happens next happen.
func toNextEvent(ctx context.Context, s *store.Sandbox, within time.Duration) error {
	clock := shownClock(s)
	if clock.NextEvent == nil {
		return stuck("Nothing is going to happen; it is %s.", shownTime(clock.Now))
	}
	if clock.NextEvent.Sub(clock.Now) > within {
		return stuck("Nothing is going to happen within %s; the next event is at %s. It is %s.", within, shownTime(*clock.NextEvent), shownTime(clock.Now))
	}
	return s.AdvanceTo(ctx, *clock.NextEvent)
}

// RunUntil lets one event after another happen, for at most some time, until the
// instance with an id or a name has a status, and returns it as it is then. It is
// an error when there is no such instance, or when it cannot come to the status
// any more by what merely happens.
func RunUntil(ctx context.Context, s *store.Sandbox, instance string, status engine.Status, within time.Duration) (engine.Instance, error) {
	var inst engine.Instance
	var now time.Time
	var err error
	s.View(func(w *engine.World) {
		now = w.Now()
		inst, err = named(w, instance)
	})
	if err != nil {
		return inst, err
	}
	gone, idle := false, false
	met, err := s.RunUntil(ctx, now.Add(within), func(w *engine.World) bool {
		found, err := w.Instance(inst.ID)
		if gone = err != nil; gone {
			return true
		}
		inst = found
		// Storage is charged for ever; nothing else than these changes a status.
		idle = inst.Status != status && inst.StepAt.IsZero() && inst.ExpiresAt.IsZero() && inst.DiesAt.IsZero() && !shared(w, inst)
		return idle || inst.Status == status
	})
	if err != nil {
		return inst, err
	}
	now = shownClock(s).Now
	switch {
	case gone:
		return inst, stuck("Instance %s (%s) is gone, and was not %s before. It is %s.", inst.Name, inst.ID, status, shownTime(now))
	case idle:
		return inst, stuck("Instance %s (%s) is %s, and nothing is going to happen to it: it will not be %s. It is %s.", inst.Name, inst.ID, inst.Status, status, shownTime(now))
	case !met:
		return inst, stuck("Instance %s (%s) was not %s within %s: it is %s. It is %s.", inst.Name, inst.ID, status, within, inst.Status, shownTime(now))
	}
	return inst, nil
}

// shared tells whether the host of an instance is going to die of another one's
// misfortune.
func shared(w *engine.World, inst engine.Instance) bool {
	return len(w.Instances(func(i *engine.Instance) bool { return i.OfferID == inst.OfferID && !i.DiesAt.IsZero() })) > 0
}

// named is the instance with an id or else a name.
func named(w *engine.World, idOrName string) (engine.Instance, error) {
	if inst, err := w.Instance(idOrName); err == nil {
		return inst, nil
	}
	var found engine.Instance
	n := w.ListInstances(engine.InstanceFilter{Name: &idOrName}, 0, 1, func(i *engine.Instance) { found = *i })
	switch n {
	case 0:
		return engine.Instance{}, &engine.Error{Code: engine.CodeNotFound, Message: fmt.Sprintf("no instance has the id or the name %q", idOrName)}
	case 1:
		return found, nil
	default:
		return engine.Instance{}, stuck("%d instances have the name %q: give an id.", n, idOrName)
	}
}

// stuck is a 409.
func stuck(format string, args ...any) error {
	return &engine.Error{Code: engine.CodeWrongState, Message: fmt.Sprintf(format, args...)}
}
