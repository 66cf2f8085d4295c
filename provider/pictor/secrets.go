package pictor

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	redacted = "[redacted]"
	// shortestSecret keeps a secret of one letter from blotting out the text.
	shortestSecret = 4
)

// secrets are what must not be shown. More may come while others look.
type secrets struct {
	mu       sync.RWMutex
	patterns map[string]func() *regexp.Regexp // of all spellings of each, made when it is needed first
}

func newSecrets(texts ...string) *secrets {
	s := &secrets{patterns: map[string]func() *regexp.Regexp{}}
	s.add(texts...)
	return s
}

func (s *secrets) add(texts ...string) {
	for _, text := range texts {
		s.mu.RLock()
		known := s.patterns[text] != nil
		s.mu.RUnlock()
		if known || len(text) < shortestSecret {
			continue
		}
		pattern := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(spellings(text)) })
		s.mu.Lock()
		s.patterns[text] = pattern
		s.mu.Unlock()
	}
}

// redact takes the secrets out of a text.
func (s *secrets) redact(text string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, pattern := range s.patterns {
		text = pattern().ReplaceAllLiteralString(text, redacted)
	}
	return text
}

// Redact takes secrets out of a text that came from the service, in whatever
// spelling it repeats them. A secret of fewer than four bytes stays.
func Redact(text string, texts ...string) string { return newSecrets(texts...).redact(text) }

// spellings is a pattern of a text as it is, in upper or lower case, and as it
// stands in JSON (also in JSON within JSON), in a URL, in HTML, between quotes
// in a program, and anywhere within base64, such as that of "user:password".
func spellings(text string) string {
	forms := []string{spelled(text)}
	for before := range 3 { // base64 spells three bytes as four letters, from wherever it begins
		encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00", before) + text))
		first, last := (8*before+5)/6, 8*(before+len(text))/6 // what depends on the text alone
		forms = append(forms, spelled(encoded[first:last]))
	}
	return "(?i)" + strings.Join(forms, "|")
}

func spelled(text string) string {
	var pattern strings.Builder
	for _, r := range text {
		// However often it was escaped.
		pattern.WriteString(`\\*(?:` + strings.Join(letter(r), "|") + ")")
	}
	return pattern.String()
}

// letter is how a letter may be written.
func letter(r rune) []string {
	forms := []string{regexp.QuoteMeta(string(r)), fmt.Sprintf("&(?:amp;)*#0*%d;", r), fmt.Sprintf("&(?:amp;)*#x0*%x;", r)}
	var inURL, inJSON string
	for _, b := range utf8.AppendRune(nil, r) {
		inURL += fmt.Sprintf("%%(?:25)*%02x", b)
	}
	for i, unit := range utf16.AppendRune(nil, r) {
		if i > 0 {
			inJSON += `\\+`
		}
		inJSON += fmt.Sprintf("u%04x", unit)
	}
	forms = append(forms, inURL, inJSON, fmt.Sprintf("u%08x", r)) // \U, in Go and Python
	if r < utf8.RuneSelf {
		forms = append(forms, fmt.Sprintf("x%02x", r))
	}
	switch r {
	case '&':
		forms = append(forms, "&(?:amp;)+")
	case '<':
		forms = append(forms, "&(?:amp;)*lt;")
	case '>':
		forms = append(forms, "&(?:amp;)*gt;")
	case '"':
		forms = append(forms, "&(?:amp;)*quot;")
	case '\'':
		forms = append(forms, "&(?:amp;)*apos;")
	case ' ', '+': // '+' is a space in a form; '-' and '_' stand in a URL's base64
		forms = append(forms, `\+`, "%(?:25)*2b", "-")
	case '/':
		forms = append(forms, "_")
	case '\n', '\t', '\r':
		forms = append(forms, map[rune]string{'\n': "n", '\t': "t", '\r': "r"}[r])
	}
	return forms
}
