package pictor

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode"
)

const (
	// longestText bounds each text in an error, in runes.
	longestText = 300
	// mostFields bounds the fields that an error lists.
	mostFields = 40
)

// explain makes every failure an *Error that says what was tried, on one line,
// and in which no secret stands: a service may echo the key in its message.
func explain(hidden *secrets) link {
	return func(next handler) handler {
		return func(ctx context.Context, x *exchange) (*answer, error) {
			a, err := next(ctx, x)
			if err == nil {
				return a, nil
			}
			return nil, present(err, x, hidden)
		}
	}
}

// present gives a copy of the failure that can be shown.
func present(err error, x *exchange, hidden *secrets) *Error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Code: CodeUnavailable, Message: err.Error(), Err: err}
	}
	shown := *e
	text := func(s string) string { return line(hidden.redact(s)) }
	shown.Operation = text(x.operation)
	shown.Method, shown.URL = x.request.Method, text(x.request.URL.Path)
	shown.Message, shown.RequestID = text(e.Message), text(e.RequestID)
	shown.Fields = nil
	for i, name := range slices.Sorted(maps.Keys(e.Fields)) {
		if i == mostFields {
			break
		}
		if shown.Fields == nil {
			shown.Fields = map[string][]string{}
		}
		for _, fault := range e.Fields[name][:min(len(e.Fields[name]), mostFields)] {
			shown.Fields[text(name)] = append(shown.Fields[text(name)], text(fault))
		}
	}
	if e.Err != nil {
		shown.Err = &sealed{text: text(e.Err.Error()), err: e.Err}
	}
	return &shown
}

// line makes a text one line of bounded length.
func line(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if runes := []rune(s); len(runes) > longestText {
		s = string(runes[:longestText]) + "…"
	}
	return s
}

// sealed is an error whose text was redacted. What it is can still be asked
// with errors.Is and errors.As; it does not unwrap, since the text of the cause
// was not redacted.
type sealed struct {
	text string
	err  error
}

func (s *sealed) Error() string        { return s.text }
func (s *sealed) Is(target error) bool { return errors.Is(s.err, target) }
func (s *sealed) As(target any) bool   { return errors.As(s.err, target) }
