package dialect

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// object is a JSON object; its numbers keep their digits.
type object = map[string]any

// decode reads a body that is one JSON value.
func decode(body []byte) (value any, ok bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(&value) != nil {
		return nil, false
	}
	_, err := d.Token()
	return value, errors.Is(err, io.EOF)
}

// encode writes a value that was decoded, with a line break behind it as echo does.
func encode(value any) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		panic("a JSON value that was read cannot be written: " + err.Error())
	}
	return out.Bytes()
}

// objects calls edit for every object in a value, the innermost first.
func objects(value any, edit func(object)) {
	switch v := value.(type) {
	case []any:
		for _, entry := range v {
			objects(entry, edit)
		}
	case object:
		for _, field := range v {
			objects(field, edit)
		}
		edit(v)
	}
}
