package pictor

import (
	"context"
	"errors"
	"log/slog"
)

// record logs one line an exchange. Headers, bodies and queries are left out.
func record(log *slog.Logger, clock Clock, key string) link {
	return func(next handler) handler {
		return func(ctx context.Context, x *exchange) (*answer, error) {
			start := clock.Now()
			a, err := next(ctx, x)
			secrets := append([]string{key}, x.secrets...)
			attrs := []slog.Attr{
				slog.String("method", x.request.Method),
				slog.String("path", line(redact(x.request.URL.Path, secrets))),
				slog.Duration("duration", clock.Now().Sub(start)),
				slog.Int("attempt", x.attempt),
			}
			if x.answer != nil {
				attrs = append(attrs, slog.Int("status", x.answer.status))
				if id := requestID(x.answer.header); id != "" {
					attrs = append(attrs, slog.String("request_id", line(redact(id, secrets))))
				}
			}
			var e *Error
			if errors.As(err, &e) {
				attrs = append(attrs, slog.String("code", string(e.Code)))
			}
			log.LogAttrs(ctx, slog.LevelDebug, "pictor", attrs...)
			return a, err
		}
	}
}
