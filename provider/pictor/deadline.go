package pictor

import (
	"context"
	"errors"
	"time"
)

// errSlow tells the end of one attempt from the end of the caller's patience.
var errSlow = errors.New("no answer in time")

// deadline bounds one attempt. The end of the caller's context does not break
// off an attempt that pays or adds: its answer is worth waiting for.
func deadline(timeout time.Duration) link {
	return func(next handler) handler {
		return func(ctx context.Context, x *exchange) (*answer, error) {
			if err := ctx.Err(); err != nil {
				return nil, notSent(err)
			}
			if x.once {
				ctx = context.WithoutCancel(ctx)
			}
			ctx, cancel := context.WithTimeoutCause(ctx, timeout, errSlow)
			defer cancel()
			return next(ctx, x)
		}
	}
}
