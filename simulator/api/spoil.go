package api

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"sync"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
)

// spoiler lets the sandbox's faults hit requests and their answers.
type spoiler struct {
	ending  context.Context
	late    *sync.RWMutex
	limiter *limiter
}

// spoil lets the first fault that matches hit the request. One that exceeds the
// rate limit is only refused, and leaves the faults for others.
func (s spoiler) spoil(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		route := routeOf(c)
		if route == nil || s.limiter.exhausted(callOf(c)) {
			return next(c)
		}
		request, offer, err := aboutOf(c, route.Operation.OperationID)
		if err != nil {
			return err
		}
		if err := fault.CheckLabels(request.Name); err != nil {
			return err
		}
		hit, err := callOf(c).Hit(request)
		if err != nil {
			return err
		}
		if hit == nil {
			return next(c)
		}
		c.Set(FaultKey, hit.ID)
		return spoilt{s, c, next, hit, fault.Target{InstanceID: request.ID, OfferID: offer}}.answer()
	}
}

// aboutOf finds out what a request is about: the thing in its path, or the name,
// and the offer, in the body of what is to be made.
func aboutOf(c echo.Context, operation string) (r fault.Request, offer string, err error) {
	r.Operation = operation
	if values := c.ParamValues(); len(values) > 0 {
		r.ID = values[0]
	}
	if operation != "createInstance" && operation != "createSshKey" {
		return r, "", nil
	}
	call := from(c.Request().Context())
	body := call.body
	if body == nil {
		if body, err = readAhead(c); err != nil {
			return r, "", err
		}
	}
	if call.Sandbox.Faults.Empty() && !bytes.Contains(body, []byte(fault.LabelMark)) {
		return r, "", nil
	}
	var b struct {
		Name    string  `json:"name"`
		OfferID wire.ID `json:"offer_id"`
	}
	_ = json.Unmarshal(call.Settings.Dialect.Request(body), &b) // the contract refuses what is no JSON
	return fault.Request{Operation: operation, Name: b.Name}, string(b.OfferID), nil
}

// spoilt is a request that a fault hits.
type spoilt struct {
	spoiler
	c    echo.Context
	next echo.HandlerFunc
	hit  *fault.Hit
	at   fault.Target
}

func (s spoilt) answer() error {
	switch effect := s.hit.Effect.(type) {
	case fault.Striker:
		return s.strike(effect)
	case fault.Stale:
		callOf(s.c).behind = effect.Changes()
		return s.next(s.c)
	}
	switch s.hit.Phase {
	case fault.PhaseLate:
		return s.answerLate()
	case fault.After:
		return s.answerAfter()
	default:
		return s.answerBefore()
	}
}

// answerBefore answers a request instead of carrying it out, or holds it up.
func (s spoilt) answerBefore() error {
	gone, err := s.hold()
	if err != nil {
		return err
	}
	if gone {
		return fault.Reset{}.Answer(s.c.Response(), fault.Answer{})
	}
	if effect, ok := s.hit.Effect.(fault.Answerer); ok {
		return effect.Answer(s.c.Response(), fault.Answer{})
	}
	if err := callOf(s.c).Err(); err != nil {
		return err
	}
	return s.next(s.c)
}

// answerAfter carries a request out and spoils its answer, or holds it up. A
// change that was refused is none whose answer could be lost: it leaves the fault
// for another request.
func (s spoilt) answerAfter() error {
	real, err := record(s.c, s.next)
	if err != nil {
		return err
	}
	if real.Status >= http.StatusBadRequest && !fault.Reads(routeOf(s.c).Operation.OperationID) {
		if err := s.missed(); err != nil {
			return err
		}
		return replay(s.c, real)
	}
	if _, err := s.hold(); err != nil {
		return err
	}
	if effect, ok := s.hit.Effect.(fault.Answerer); ok {
		return effect.Answer(s.c.Response(), real)
	}
	return replay(s.c, real)
}

// answerLate lets the client have its answer, or give up, and then carries the
// request out. One that is refused then has been hit all the same: its client
// has lost the answer, and would never hear why if it lost the next one, too.
func (s spoilt) answerLate() error {
	s.late.RLock()
	defer s.late.RUnlock()
	if _, err := readAhead(s.c); err != nil { // the server closes the body once it has answered
		return err
	}
	gone, err := s.hold()
	if err != nil {
		return err
	}
	if effect, ok := s.hit.Effect.(fault.Answerer); ok && !gone {
		header := s.c.Response().Header()
		before := maps.Clone(header)
		if err := effect.Answer(s.c.Response(), fault.Answer{}); err != nil {
			return err
		}
		clear(header) // of what was sent already, the answer to come has nothing
		maps.Copy(header, before)
		if s.c.Response().Committed {
			_ = http.NewResponseController(s.c.Response().Writer).Flush() // the client may have gone
		}
	}
	r := s.c.Request()
	s.c.SetRequest(r.WithContext(context.WithoutCancel(r.Context())))
	_, err = record(s.c, s.next) // nobody waits for this answer any more
	return err
}

// hold holds the request up as long as the fault wants, the client waits, and
// the world that it came to and the simulator go on. It tells whether the client
// has gone.
func (s spoilt) hold() (gone bool, err error) {
	holder, ok := s.hit.Effect.(fault.Holder)
	if !ok {
		return false, nil
	}
	if _, err := readAhead(s.c); err != nil {
		return false, err
	}
	client := s.c.Request().Context()
	ctx, cancel := context.WithCancel(client)
	defer cancel()
	defer context.AfterFunc(s.ending, cancel)()
	defer context.AfterFunc(callOf(s.c).Lifetime, cancel)()
	holder.Hold(ctx)
	return client.Err() != nil, nil
}
