package provider_test

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
)

// said is what a provider has said to its user. Without an engine its logger is
// slog's, which is one for all tests; the context tells whose a line is.
type said struct {
	mu    sync.Mutex
	lines []string
}

type saidKey struct{}

func (s *said) listen(ctx context.Context) context.Context {
	slogToSaid()
	return context.WithValue(ctx, saidKey{}, s)
}

var slogToSaid = sync.OnceFunc(func() { slog.SetDefault(slog.New(saidHandler{slog.NewTextHandler(os.Stderr, nil)})) })

// saidHandler hands what belongs to no test on.
type saidHandler struct{ slog.Handler }

func (h saidHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h saidHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return saidHandler{h.Handler.WithAttrs(attrs)}
}

func (h saidHandler) WithGroup(name string) slog.Handler {
	return saidHandler{h.Handler.WithGroup(name)}
}

func (h saidHandler) Handle(ctx context.Context, r slog.Record) error {
	s, ok := ctx.Value(saidKey{}).(*said)
	if !ok {
		return h.Handler.Handle(ctx, r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, strings.ToLower(r.Level.String())+": "+r.Message)
	return nil
}

// take gives the lines so far, and forgets them.
func (s *said) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := strings.Join(s.lines, "\n")
	s.lines = nil
	return text
}

// wantSaid fails unless the provider has said all of these since the last time.
func (s *stack) wantSaid(t *testing.T, says ...string) {
	t.Helper()
	text := s.said.take()
	for _, w := range says {
		if !strings.Contains(text, w) {
			t.Errorf("the provider did not say %q:\n%s", w, text)
		}
	}
}

// wantUnsaid fails when the provider has said any of these since the last time.
func (s *stack) wantUnsaid(t *testing.T, says ...string) {
	t.Helper()
	text := s.said.take()
	for _, w := range says {
		if strings.Contains(text, w) {
			t.Errorf("the provider said %q:\n%s", w, text)
		}
	}
}
