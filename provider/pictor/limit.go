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
			t, err := l.wait(ctx, &x.place)
			if err != nil {
				return nil, err
			}
			defer func() { l.learn(t, x.answer) }()
			return next(ctx, x)
		}
	}
}

// wait returns when a request may be sent: whoever came first is first, also
// when it was refused meanwhile. The error is an *Error: the context ended, or
// the wait would be longer than anyone should be kept.
func (l *limiter) wait(ctx context.Context, at *place) (turn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.queue.join(at)
	defer l.queue.leave(w)
	for {
		if !l.queue.isFirst(w) {
			if err := l.outside(func() error { return w.called(ctx) }); err != nil {
				return turn{}, notSent(err)
			}
			continue
		}
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
		if err := l.outside(func() error { return l.clock.Sleep(ctx, wait) }); err != nil {
			return turn{}, notSent(err)
		}
	}
}

// outside does something without the lock.
func (l *limiter) outside(do func() error) error {
	l.mu.Unlock()
	defer l.mu.Lock()
	return do()
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
	if left, ok := count(a.header, headerRemaining); ok {
		// Requests under way are counted by the service, but perhaps not yet in
		// this answer; and answers overtake each other, so that within a minute
		// only the lowest number is to be trusted.
		n := left - l.inFlight
		if l.counted {
			n = min(n, l.remaining)
		}
		l.counted, l.remaining, l.reset = true, n, time.Time{}
		if d, ok := resetAfter(a.header, now); ok {
			// Services count in whole seconds.
			l.reset = now.Add(min(d, time.Minute) + time.Second)
			l.measure(left, d)
		}
	}
	if a.status == http.StatusTooManyRequests {
		l.throttle(t, a, now)
		return
	}
	l.strikes = 0
	switch {
	case now.Sub(l.notBefore) > time.Minute:
		l.pace = l.even()
	case t.sent.After(l.throttled):
		l.quicken()
	}
}

// measure takes the period of the service's window from the first answer in one.
func (l *limiter) measure(left int, d time.Duration) {
	if l.limit == 0 || left != l.limit-1 {
		return
	}
	if whole := max(d.Truncate(time.Second), time.Second); l.period == 0 || whole < l.period {
		l.period = whole
	}
	l.pace = max(l.pace, l.even())
}

// even is the pace that uses up a short window and no more; 0 if there is none.
func (l *limiter) even() time.Duration {
	if l.limit == 0 || l.period == 0 || l.period > shortWindow {
		return 0
	}
	return l.period/time.Duration(l.limit) + 2*time.Millisecond
}

// quicken shortens the pace: soon to what was not too fast, and from there in
// steps that are small at first, and longer when no 429 comes.
func (l *limiter) quicken() {
	least := max(shortestPace, l.even())
	floor := max(least, l.tooFast+l.tooFast/20)
	switch {
	case l.pace > floor && l.tooFast > 0:
		l.pace -= (l.pace-floor)/4 + 1
	case l.pace > floor:
		l.pace -= (l.pace-floor)/8 + 1
	case l.pace > least:
		l.calm++
		l.pace -= l.pace * time.Duration(min(l.calm, 1000)) / 20_000
	}
}

// slacken lengthens the pace after a 429: by little where the right one is
// nearly known. That several come in a row says nothing of the pace.
func (l *limiter) slacken() {
	if l.strikes > 1 || l.pace == 0 {
		l.pace = min(max(l.pace*2, firstPace), longestPace)
		return
	}
	before := l.pace
	l.calm = 0
	if l.pace += l.pace / 8; l.tooFast == 0 {
		l.pace += l.pace / 4
	}
	l.tooFast = before
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
		l.slacken()
	}
	if !given || d == 0 {
		d = backoff(max(l.strikes, 1), l.random)
	} else {
		// Other programs with the same key were told the same.
		d += time.Duration(l.random() * float64(firstPace))
	}
	l.notBefore = latest(l.notBefore, now.Add(d))
	if l.limit > 0 && l.even() == 0 {
		l.counted, l.remaining, l.pace = true, 0, 0 // what is counted need not be paced
		if given {
			l.reset = l.notBefore
		}
	}
}
