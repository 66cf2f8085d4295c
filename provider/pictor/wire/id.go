package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// ID is the opaque identifier of an offer, an instance, an SSH key or a
// transaction. Services with numeric ids are read too; what is written is
// always a string.
type ID string

// UnmarshalJSON takes a string or a whole number.
func (id *ID) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	if len(b) > 0 && b[0] != '"' {
		var n json.Number
		if err := json.Unmarshal(b, &n); err != nil {
			return fmt.Errorf("an id must be a string or a number, not %s", b)
		}
		*id = ID(n.String())
		return nil
	}
	if s, ok := plain(b); ok {
		*id = ID(s)
		return nil
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("an id must be a string or a number: %w", err)
	}
	*id = ID(s)
	return nil
}

// plain is what stands in a JSON string of visible ASCII without an escape, as ids
// are: one that has more in it takes several times as long to read.
func plain(b []byte) (string, bool) {
	if len(b) < 2 || b[0] != '"' || b[len(b)-1] != '"' {
		return "", false
	}
	text := b[1 : len(b)-1]
	for _, c := range text {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return "", false
		}
	}
	return string(text), true
}
