package pictor

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// limit lets a request go when the limiter does, and tells it of the answer.
func limit(l *limiter) link {
	return func(next handler) handler {
		return func(ctx context.Context, x *exchange) (*answer, error) {
			t, err := l.wait(ctx)
			if err != nil {
				return nil, err
			}
			defer func() { l.learn(t, x.answer) }()
			return next(ctx, x)
		}
	}
}

// wait returns when a request may be sent. The error is an *Error: the context
// ended, or the wait would be longer than anyone should be kept.
func (l *limiter) wait(ctx context.Context) (turn, error) {
	for {
		t, wait := l.take()
		switch {
		case wait <= 0:
			return t, nil
		case wait > patience:
			return turn{}, &Error{
				Code: CodeRateLimited, RetryAfter: wait, final: true,
				Message: fmt.Sprintf("not sent: the service wants no request for another %s", wait.Round(time.Second)),
			}
		}
		if err := l.clock.Sleep(ctx, wait); err != nil {
			return turn{}, notSent(err)
		}
	}
}

// learn takes in what the answer to a turn says about the limit; nil if there
// was none.
func (l *limiter) learn(t turn, a *answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight--
	if a == nil {
		return
	}
	now := l.clock.Now()
	if t.first {
		// The service's minute began before its first answer, so it has ended
		// when ours has.
		l.window = now
	}
	if n, ok := count(a.header, headerLimit); ok && n > 0 {
		l.limit = n
	}
	if n, ok := count(a.header, headerRemaining); ok {
		// Requests under way are counted by the service, but perhaps not yet in
		// this answer; and answers overtake each other, so that within a minute
		// only the lowest number is to be trusted.
		n -= l.inFlight
		if l.counted {
			n = min(n, l.remaining)
		}
		l.counted, l.remaining, l.reset = true, n, time.Time{}
		if d, ok := resetAfter(a.header, now); ok {
			// Services count in whole seconds.
			l.reset = now.Add(min(d, time.Minute) + time.Second)
		}
	}
	if a.status == http.StatusTooManyRequests {
		l.throttle(t, a, now)
		return
	}
	l.strikes = 0
	switch {
	case now.Sub(l.notBefore) > time.Minute:
		l.pace = 0
	case l.pace > shortestPace && t.sent.After(l.throttled):
		l.pace -= (l.pace - shortestPace) / 8
	}
}

// throttle holds everyone back after a 429. All answers to requests that were
// sent before the first of them are one event, not many.
func (l *limiter) throttle(t turn, a *answer, now time.Time) {
	d, given := retryAfter(a.header, now)
	if !given {
		d, given = resetAfter(a.header, now)
	}
	if t.sent.After(l.throttled) {
		l.strikes++
		l.throttled = now
		l.pace = min(max(l.pace*2, firstPace), longestPace)
	}
	if !given || d == 0 {
		d = backoff(max(l.strikes, 1), l.random)
	} else {
		// Other programs with the same key were told the same.
		d += time.Duration(l.random() * float64(firstPace))
	}
	l.notBefore = latest(l.notBefore, now.Add(d))
	if l.limit > 0 {
		l.counted, l.remaining, l.pace = true, 0, 0 // what is counted need not be paced
		if given {
			l.reset = l.notBefore
		}
	}
}
