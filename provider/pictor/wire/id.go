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
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("an id must be a string or a number: %w", err)
	}
	*id = ID(s)
	return nil
}
