package journal

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"slices"
	"strings"
)

// apiKey is the secret of an API key, all of it visible ASCII. It is found in a text
// however a client spelled it: as it is, percent-encoded, with the escapes of JSON,
// or with one of these in another. The empty one is in no text.
type apiKey string

// WithoutKey is a text with [Redacted] in the place of the secret of an API key,
// however it is spelled.
func WithoutKey(text, secret string) string { return apiKey(secret).outOf(text, false) }

// outOf is a text with [Redacted] in the place of the key. Where the text was cut,
// an end that is the beginning of the key goes, too.
func (k apiKey) outOf(text string, cut bool) string {
	if k == "" || !cut && (len(text) < len(k) || !strings.Contains(text, string(k)) && strings.IndexByte(text, '%') < 0 && strings.IndexByte(text, '\\') < 0) {
		return text
	}
	return string(k.outOfBytes([]byte(text), cut))
}

func (k apiKey) outOfBytes(text []byte, cut bool) []byte {
	if k == "" || !cut && (len(text) < len(k) || !bytes.Contains(text, []byte(k)) && !k.mayHideIn(text)) {
		return text
	}
	found := k.find(reading{text: text}, cut, nesting)
	if len(found) == 0 {
		return text
	}
	slices.SortFunc(found, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var out []byte
	kept := 0
	for _, f := range found {
		if f.from >= kept { // else it is one that was found already, read otherwise
			out = append(append(out, text[kept:f.from]...), Redacted...)
		}
		kept = max(kept, f.to)
	}
	return append(out, text[kept:]...)
}

// namesHeader tells whether the key is in the name of a header, whose case net/http
// has changed.
func (k apiKey) namesHeader(name string) bool {
	return k != "" && len(name) >= len(k) && strings.Contains(strings.ToLower(name), strings.ToLower(string(k)))
}

// ofEscapes are the characters that an escape consists of.
const ofEscapes = `%\u0123456789abcdefABCDEF`

// mayHideIn tells whether a text has an escape that stands for a character of the
// key or of another escape. Few texts have, and only those are looked at closely.
func (k apiKey) mayHideIn(text []byte) bool {
	for _, kind := range escapes {
		for rest := text; ; {
			i := bytes.IndexByte(rest, kind.lead)
			if i < 0 {
				break
			}
			c, n := kind.read(rest[i:])
			if n > 0 && (strings.IndexByte(ofEscapes, c) >= 0 || strings.IndexByte(string(k), c) >= 0) {
				return true
			}
			rest = rest[i+max(n, 1):]
		}
	}
	return false
}

// span is a part of a text.
type span struct{ from, to int }

// nesting is how many times over a key may be escaped, as JSON in a query is twice.
const nesting = 3

// find has the parts of a text that spell the key. Which escapes are resolved
// first makes a difference, as the key itself may look as if it had some.
func (k apiKey) find(r reading, cut bool, nesting int) []span {
	found := k.findIn(r, cut)
	if nesting == 0 {
		return found
	}
	for _, kind := range escapes {
		if resolved := r.resolve(kind); len(resolved.text) < len(r.text) {
			found = append(found, k.find(resolved, cut, nesting-1)...)
		}
	}
	return found
}

func (k apiKey) findIn(r reading, cut bool) (found []span) {
	for from := 0; ; {
		i := bytes.Index(r.text[from:], []byte(k))
		if i < 0 {
			break
		}
		found = append(found, span{r.origin(from + i), r.origin(from + i + len(k))})
		from += i + len(k)
	}
	if !cut {
		return found
	}
	end := r.origin(len(r.text))
	text := r.text
	for range nesting + 1 { // the cut may have broken an escape, and that one another
		for n := min(len(k)-1, len(text)); n > 0; n-- {
			if bytes.HasSuffix(text, []byte(k[:n])) {
				return append(found, span{r.origin(len(text) - n), end})
			}
		}
		whole := withoutBrokenEscape(text)
		if len(whole) == len(text) {
			return found
		}
		text = whole
	}
	return found
}

// reading is a text with its escapes resolved.
type reading struct {
	text []byte
	// at says where each byte of text, and its end, is in the text as it travelled;
	// nil where they are the same.
	at []int
}

func (r reading) origin(i int) int {
	if r.at == nil {
		return i
	}
	return r.at[i]
}

func (r reading) resolve(kind escape) reading {
	if bytes.IndexByte(r.text, kind.lead) < 0 {
		return r
	}
	out := reading{make([]byte, 0, len(r.text)), make([]int, 0, len(r.text)+1)}
	for i := 0; i < len(r.text); {
		c, n := r.text[i], 0
		if c == kind.lead {
			c, n = kind.read(r.text[i:])
		}
		if n == 0 {
			c, n = r.text[i], 1
		}
		out.text, out.at = append(out.text, c), append(out.at, r.origin(i))
		i += n
	}
	out.at = append(out.at, r.origin(len(r.text)))
	return out
}

// escape is a way to spell a character otherwise.
type escape struct {
	lead byte
	// read is the ASCII character that a text begins with, and how many bytes spell
	// it; 0 where that is no such escape.
	read func(text []byte) (c byte, n int)
}

var (
	backslash = escape{'\\', readBackslash}
	percent   = escape{'%', readPercent}
	escapes   = []escape{backslash, percent}
)

func readBackslash(text []byte) (byte, int) {
	switch {
	case len(text) >= 6 && text[1] == 'u' && text[2] == '0' && text[3] == '0':
		return readHex(text[4:6], 6)
	case len(text) >= 2 && (text[1] == '"' || text[1] == '\\' || text[1] == '/'):
		return text[1], 2
	default:
		return 0, 0
	}
}

func readPercent(text []byte) (byte, int) {
	if len(text) < 3 {
		return 0, 0
	}
	return readHex(text[1:3], 3)
}

func readHex(digits []byte, length int) (byte, int) {
	var c [1]byte
	if _, err := hex.Decode(c[:], digits); err != nil || c[0] >= 0x80 {
		return 0, 0
	}
	return c[0], length
}

// withoutBrokenEscape takes the beginning of an escape off the end of a text.
func withoutBrokenEscape(text []byte) []byte {
	for n := 1; n < 6 && n <= len(text); n++ {
		whole, broken := text[:len(text)-n], text[len(text)-n:]
		if broken[0] == '%' && n < 3 || broken[0] == '\\' && (n == 1 || broken[1] == 'u') {
			return whole
		}
	}
	return text
}
