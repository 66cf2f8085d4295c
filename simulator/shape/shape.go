// Package shape sees at a glance that a JSON text fits a schema of the contract.
//
// A shape is sure when it says yes. No means only that somebody must look closer,
// who can also say what is wrong: a text may fit in ways that a shape does not
// know, such as with escapes, with letters beyond ASCII or with other fields.
package shape

import (
	"bytes"
	"regexp"
	"slices"
)

// Shape is a schema, ready to be held against texts. Make it with [Of].
type Shape struct{ value value }

// Fits says that a text is one JSON value, no field of it there twice, that the
// schema takes.
func (s *Shape) Fits(text []byte) bool {
	rest, ok := s.value.take(text)
	return ok && len(skipSpace(rest)) == 0
}

// value takes what it knows from the beginning of a text and leaves the rest.
type value interface {
	take(text []byte) (rest []byte, ok bool)
}

// object is one that has none but the fields.
type object struct {
	fields   []field
	required uint64 // a bit a field
}

type field struct {
	name  string
	value value
}

func (o *object) take(text []byte) ([]byte, bool) {
	rest, ok := skip(text, '{')
	if end, empty := skip(rest, '}'); empty {
		return end, ok && o.required == 0
	}
	for seen := uint64(0); ok; rest, ok = skip(rest, ',') {
		var name []byte
		if name, rest, ok = takePlain(rest); !ok {
			break
		}
		i := slices.IndexFunc(o.fields, func(f field) bool { return f.name == string(name) })
		if rest, ok = skip(rest, ':'); !ok || i < 0 || seen&(1<<i) != 0 {
			break
		}
		seen |= 1 << i
		if rest, ok = o.fields[i].value.take(rest); !ok {
			break
		}
		if end, last := skip(rest, '}'); last {
			return end, seen&o.required == o.required
		}
	}
	return nil, false
}

// list is an array of words, all different.
type list struct {
	item word
	most int
}

func (l *list) take(text []byte) ([]byte, bool) {
	rest, ok := skip(text, '[')
	if end, empty := skip(rest, ']'); empty {
		return end, ok
	}
	var seen [][]byte
	for ; ok; rest, ok = skip(rest, ',') {
		var w []byte
		w, rest, ok = takePlain(rest)
		if !ok || !l.item.takes(w) || len(seen) == l.most || slices.ContainsFunc(seen, func(s []byte) bool { return bytes.Equal(s, w) }) {
			break
		}
		if end, last := skip(rest, ']'); last {
			return end, true
		}
		seen = append(seen, w)
	}
	return nil, false
}

// word is a string of printable ASCII.
type word struct {
	shortest, longest uint64
	pattern           *regexp.Regexp // nil takes all
	oneOf             []string       // nil takes all
}

func (w *word) take(text []byte) ([]byte, bool) {
	plain, rest, ok := takePlain(text)
	return rest, ok && w.takes(plain)
}

func (w *word) takes(plain []byte) bool {
	n := uint64(len(plain))
	return n >= w.shortest && n <= w.longest &&
		(w.oneOf == nil || slices.Contains(w.oneOf, string(plain))) &&
		(w.pattern == nil || w.pattern.Match(plain))
}

// takePlain takes a string that means what it says: no escape, nothing but
// printable ASCII, so that a byte is a character.
func takePlain(text []byte) (plain, rest []byte, ok bool) {
	rest, ok = skip(text, '"')
	for i := 0; ok && i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '"':
			return rest[:i], rest[i+1:], true
		case c == '\\' || c < ' ' || c > '~':
			return nil, nil, false
		}
	}
	return nil, nil, false
}

// number is a whole number that is not below zero.
type number struct{ least, most float64 }

func (n *number) take(text []byte) ([]byte, bool) {
	const digits = 15 // that a float64 has for sure
	text = skipSpace(text)
	i, sum := 0, int64(0)
	for ; i < len(text) && i < digits && text[i] >= '0' && text[i] <= '9'; i++ {
		sum = sum*10 + int64(text[i]-'0')
	}
	if i == 0 || i > 1 && text[0] == '0' {
		return nil, false
	}
	// What else could belong to the number is refused as what comes behind it.
	return text[i:], float64(sum) >= n.least && float64(sum) <= n.most
}

// boolean is true or false.
type boolean struct{}

func (boolean) take(text []byte) ([]byte, bool) {
	text = skipSpace(text)
	rest, ok := bytes.CutPrefix(text, []byte("true"))
	if !ok {
		rest, ok = bytes.CutPrefix(text, []byte("false"))
	}
	return rest, ok
}

// skip takes a character from the beginning of a text, and the space before it.
func skip(text []byte, c byte) (rest []byte, ok bool) {
	text = skipSpace(text)
	if len(text) == 0 || text[0] != c {
		return text, false
	}
	return text[1:], true
}

func skipSpace(text []byte) []byte {
	for len(text) > 0 && (text[0] == ' ' || text[0] == '\t' || text[0] == '\n' || text[0] == '\r') {
		text = text[1:]
	}
	return text
}
