package journal

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// Redacted stands in the place of a secret.
const Redacted = "[redacted]"

// secretFields are the fields of bodies and queries that have secrets, also as a part
// of a longer name, such as one that is misspelt. As encoding/json does, they are
// found in whatever case.
var secretFields = []string{"password", "secret", "api_key"}

func isSecret(field string) bool {
	for _, name := range secretFields {
		if strings.EqualFold(field, name) || strings.Contains(strings.ToLower(field), name) {
			return true
		}
	}
	return false
}

// redact takes the secrets out, the API key among them wherever and however the
// client put it. No schema of the contract's answers has a secret, so that only an
// answer is looked through for fields that is a refusal, a fault's, or may repeat
// what was sent; a key can be in any, as the name that something was given once.
func (e *Entry) redact(secret string) {
	key := apiKey(secret)
	path := key.outOf(bounded(e.Path), len(e.Path) > maxLine)
	query := key.outOf(redactQuery(bounded(e.Query)), len(e.Query) > maxLine)
	body := e.Body.Data
	if suspicious(body) {
		body = redactBody(body, true)
	}
	body = key.outOfBytes(body, e.Body.Cut)
	sentSecret := path != e.Path || query != e.Query || !bytes.Equal(body, e.Body.Data) || e.Body.Cut
	if (e.Status < 200 || e.Status >= 400 || e.Fault != "" || sentSecret) && named(e.Answer.Data) {
		e.Answer.Data = redactBody(e.Answer.Data, false)
	}
	e.Answer.Data = key.outOfBytes(e.Answer.Data, e.Answer.Cut || e.Fault != "") // a fault may have cut it
	e.Method, e.RequestID = key.outOf(e.Method, false), key.outOf(e.RequestID, false)
	e.Path, e.Query, e.Body.Data, e.Header = path, query, body, redactHeader(e.Header, key)
}

// maxLine bounds a path, a query and a header's value.
const maxLine = 4 << 10

func bounded(s string) string {
	if len(s) > maxLine {
		return strings.Clone(s[:maxLine])
	}
	return s
}

var secretHeaders = map[string]bool{"Authorization": true, "Proxy-Authorization": true, "X-Api-Key": true, "Cookie": true, "X-Sim-Key": true}

var redactedValue = []string{Redacted}

func redactHeader(h http.Header, key apiKey) http.Header {
	out, left := make(http.Header, len(h)), maxLine
	for name, values := range h {
		if secretHeaders[name] {
			out[name] = redactedValue
			continue
		}
		if left -= len(name); left < 0 {
			break // somebody sends very much: the rest is not worth its memory
		}
		if key.namesHeader(name) {
			out[Redacted] = redactedValue
			continue
		}
		changed := false
		for i, v := range values {
			room := max(left, 0)
			kept := key.outOf(v[:min(len(v), room)], len(v) > room)
			if left -= len(kept); kept != v && !changed {
				values, changed = append([]string(nil), values...), true
			}
			if changed {
				values[i] = strings.Clone(kept)
			}
		}
		out[name] = values
	}
	return out
}

func redactQuery(query string) string {
	if query == "" || !strings.Contains(query, "%") && !containsSecretField([]byte(query)) {
		return query
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err != nil || isSecret(plain) {
			pairs[i] = name + "=" + Redacted
		}
	}
	return strings.Join(pairs, "&")
}

func containsSecretField(b []byte) bool {
	lower := bytes.ToLower(b)
	for _, name := range secretFields {
		if bytes.Contains(lower, []byte(name)) {
			return true
		}
	}
	return false
}

// suspicious tells whether what a client sent needs a closer look: it may be
// spelled in any way.
func suspicious(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 || c == 0 { // some letters beyond ASCII count as an s or a k
			return true
		}
	}
	return escapesLetter(b) || containsSecretField(b) ||
		bytes.IndexByte(b, '%') >= 0 && containsSecretField(reading{text: b}.resolve(percent).text) // a form
}

// escapesLetter finds a letter that is written as an escape, so that a field's name
// could hide behind it.
func escapesLetter(b []byte) bool {
	for {
		i := bytes.Index(b, []byte(`\u`))
		if i < 0 {
			return false
		}
		// These are punctuation and digits, such as "<", ">" and "&".
		if b = b[i+2:]; len(b) < 4 || b[0] != '0' || b[1] != '0' || b[2] != '2' && b[2] != '3' {
			return true
		}
	}
}

var quotedFields = [][]byte{[]byte(`"password"`), []byte(`"secret"`), []byte(`"api_key"`)}

// named tells whether an answer has such a field. Answers are the simulator's
// own and spell it in one way only.
func named(b []byte) bool {
	for _, field := range quotedFields {
		if bytes.Contains(b, field) {
			return true
		}
	}
	return false
}

// redactBody takes the values of secret fields out of a JSON document and leaves
// every other byte as it is. Where it is no JSON any more, as after a cut, what
// could have a secret is not kept. An answer may have a list under such a name:
// what is wrong with the field.
func redactBody(b []byte, request bool) []byte {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var out []byte
	var within []json.Delim // the objects and arrays around the next token
	kept, isName := 0, false
	for {
		token, err := d.Token()
		if err != nil {
			end := int(d.InputOffset())
			out = append(out, b[kept:end]...)
			if rest := bytes.TrimSpace(b[end:]); len(rest) > 0 && (len(within) > 0 || suspicious(rest)) {
				return append(out, Redacted...)
			}
			return append(out, b[end:]...)
		}
		name, isString := token.(string)
		if isName && isString && isSecret(name) {
			var value json.RawMessage
			if d.Decode(&value) != nil {
				return append(append(out, b[kept:d.InputOffset()]...), Redacted...)
			}
			if end := int(d.InputOffset()); request || value[0] == '"' {
				out = append(append(out, b[kept:end-len(value)]...), `"`+Redacted+`"`...)
				kept = end
			}
			continue // the next one is a name again
		}
		switch delim, _ := token.(json.Delim); delim {
		case '{', '[':
			within = append(within, delim)
			isName = delim == '{'
			continue
		case '}', ']':
			within, isName = within[:len(within)-1], false
		}
		isName = !isName && len(within) > 0 && within[len(within)-1] == '{'
	}
}
