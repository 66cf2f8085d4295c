package dialect

import (
	"net/url"
	"strings"
)

// Words is how operating systems and types of transactions are spelled.
type Words string

// The spellings of a word.
const (
	WordLower Words = ""
	WordTitle Words = "title" // "Linux", "Charge", as Pictor's own pages write them
)

// The contract's fields and parameters that have these words.
var wordFields = []string{"os", "type"}

func (w Words) answer(o object)  { w.each(o, title) }
func (w Words) request(o object) { w.each(o, strings.ToLower) }

func (w Words) each(o object, spell func(string) string) {
	if w != WordTitle {
		return
	}
	for _, field := range wordFields {
		switch value := o[field].(type) {
		case string:
			o[field] = spell(value)
		case []any:
			for n := range value {
				if word, isString := value[n].(string); isString {
					value[n] = spell(word)
				}
			}
		}
	}
}

func (w Words) query(q url.Values) {
	for _, name := range wordFields {
		if w == WordTitle && q.Has(name) {
			q.Set(name, strings.ToLower(q.Get(name)))
		}
	}
}
