package pictor

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// LevelTrace is the level at which [Config.Log] gets headers and bodies too.
const LevelTrace = slog.LevelDebug - 4

// longestRecord bounds a body in the log, in bytes.
const longestRecord = 16 << 10

// record logs one line an exchange. Headers, bodies and queries come in only at
// [LevelTrace], without secrets.
func record(log *slog.Logger, clock Clock, hidden *secrets, authHeader string) link {
	secretHeaders := []string{authHeader, headerAuthorization, "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key"}
	return func(next handler) handler {
		return func(ctx context.Context, x *exchange) (*answer, error) {
			start := clock.Now()
			a, err := next(ctx, x)
			if !log.Enabled(ctx, slog.LevelDebug) {
				return a, err
			}
			shown := func(s string) string { return line(hidden.redact(s)) }
			attrs := []slog.Attr{
				slog.String("method", x.request.Method),
				slog.String("path", shown(x.request.URL.Path)),
				slog.Duration("duration", clock.Now().Sub(start)),
				slog.Int("attempt", x.attempt),
			}
			if x.answer != nil {
				attrs = append(attrs, slog.Int("status", x.answer.status))
				if id := requestID(x.answer.header); id != "" {
					attrs = append(attrs, slog.String("request_id", shown(id)))
				}
			}
			var e *Error
			if errors.As(err, &e) {
				attrs = append(attrs, slog.String("code", string(e.Code)))
			}
			level := slog.LevelDebug
			if log.Enabled(ctx, LevelTrace) {
				level = LevelTrace
				attrs = append(attrs, details(x, e, hidden, secretHeaders)...)
			}
			log.LogAttrs(ctx, level, "pictor", attrs...)
			return a, err
		}
	}
}

// details are what only a trace shows.
func details(x *exchange, e *Error, hidden *secrets, secretHeaders []string) []slog.Attr {
	header := func(name string, h http.Header) slog.Attr {
		var all []any
		for key, values := range h {
			value := hidden.redact(strings.Join(values, ", "))
			if slices.ContainsFunc(secretHeaders, func(s string) bool { return strings.EqualFold(s, key) }) {
				value = redacted
			}
			all = append(all, slog.String(key, value))
		}
		slices.SortFunc(all, func(a, b any) int { return cmp.Compare(a.(slog.Attr).Key, b.(slog.Attr).Key) })
		return slog.Group(name, all...)
	}
	body := func(b []byte) string {
		text := secretField.ReplaceAllString(hidden.redact(strings.ToValidUTF8(string(b), "�")), `${1}"`+redacted+`"`)
		if len(text) > longestRecord {
			text = strings.ToValidUTF8(text[:longestRecord], "") + "…"
		}
		return text
	}
	attrs := []slog.Attr{header("request_header", x.request.Header)}
	if query := x.request.URL.RawQuery; query != "" {
		attrs = append(attrs, slog.String("query", hidden.redact(query)))
	}
	if sent := sentBody(x.request); len(sent) > 0 {
		attrs = append(attrs, slog.String("request_body", body(sent)))
	}
	if x.answer != nil {
		attrs = append(attrs, header("response_header", x.answer.header), slog.String("response_body", body(x.answer.body)))
	}
	if e != nil {
		attrs = append(attrs, slog.String("error", line(hidden.redact(cmp.Or(e.Message, string(e.Code))))))
	}
	return attrs
}

// secretField finds the fields whose values are secret, also those of machines
// that this program knows nothing of.
var secretField = regexp.MustCompile(`(?i)("[^"]*(?:password|secret|api_?key|token)[^"]*"\s*:\s*)"(?:[^"\\]|\\.)*"`)

func sentBody(r *http.Request) []byte {
	if r.GetBody == nil {
		return nil
	}
	body, err := r.GetBody()
	if err != nil {
		return nil
	}
	defer body.Close()
	b, _ := io.ReadAll(body)
	return b
}
