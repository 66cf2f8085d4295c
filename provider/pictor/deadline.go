package pictor

import (
	"context"
	"errors"
	"time"
)

// errSlow tells the end of one attempt from the end of the caller's patience.
var errSlow = errors.New("no answer in time")

// deadline bounds one attempt.
func deadline(timeout time.Duration) link {
	return func(next handler) handler {
		return func(ctx context.Context, x *exchange) (*answer, error) {
			ctx, cancel := context.WithTimeoutCause(ctx, timeout, errSlow)
			defer cancel()
			return next(ctx, x)
		}
	}
}
