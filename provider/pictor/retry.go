package pictor

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// mostAttempts bounds the attempts at a request that fails.
	mostAttempts = 6
	// mostRefusals bounds the 429 answers to one request. They are cheap, and
	// the limiter does the waiting.
	mostRefusals = 10
	// patience is the longest wait that a Retry-After is obeyed for; a longer
	// one is handed to the caller.
	patience = 5 * time.Minute

	firstBackoff   = 500 * time.Millisecond
	longestBackoff = 30 * time.Second
)

// retry sends again what failed, where that is safe and can help.
func retry(clock Clock, random func() float64) link {
	return func(next handler) handler {
		return func(ctx context.Context, x *exchange) (*answer, error) {
			failures, refusals := 0, 0
			for x.attempt = 1; ; x.attempt++ {
				if err := ctx.Err(); err != nil {
					return nil, notSent(err)
				}
				x.left, x.answer = false, nil
				a, err := next(ctx, x)
				if err == nil {
					return a, nil
				}
				var e *Error
				if !errors.As(err, &e) || ctx.Err() != nil || !again(x, e) {
					return nil, err
				}
				if e.Code == CodeRateLimited {
					if refusals++; refusals == mostRefusals {
						return nil, err
					}
					continue // the limiter waits, for all callers alike
				}
				if failures++; failures == mostAttempts {
					return nil, err
				}
				wait := backoff(failures, random)
				if e.RetryAfter > 0 {
					wait = e.RetryAfter + time.Duration(random()*float64(firstBackoff))
				}
				if slept := clock.Sleep(ctx, wait); slept != nil {
					return nil, gaveUp(e, slept)
				}
			}
		}
	}
}

// again says whether the same request may be sent once more: it must be able to
// help, and what pays or adds must certainly not have been acted upon.
func again(x *exchange, e *Error) bool {
	switch {
	case e.final || e.RetryAfter > patience:
		return false
	case e.Code == CodeRateLimited:
		return true
	case e.Code == CodeUnavailable || e.Code == CodeTimeout:
		return !x.once || !x.left
	}
	return false
}

// backoff gives the wait after the nth failure: half of a doubling time for
// certain, up to the whole of it by chance.
func backoff(n int, random func() float64) time.Duration {
	whole := longestBackoff
	if n < 8 {
		whole = min(whole, firstBackoff<<(n-1))
	}
	return whole/2 + time.Duration(random()*float64(whole/2))
}

// notSent is the end of the context before a request left.
func notSent(err error) *Error {
	return &Error{Code: contextCode(err), Message: "not sent: " + err.Error(), Err: err, final: true}
}

// gaveUp is the end of the context while waiting to try again: the code stays
// that of the last failure.
func gaveUp(last *Error, err error) *Error {
	e := *last
	e.Message = fmt.Sprintf("%s (and no time was left to try again: %s)", last.Message, err)
	e.Err = errors.Join(last.Err, err)
	return &e
}

// contextCode gives the code for the end of a context.
func contextCode(err error) Code {
	if errors.Is(err, context.DeadlineExceeded) {
		return CodeTimeout
	}
	return CodeCanceled
}
