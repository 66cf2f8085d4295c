package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// fields reads a JSON object field by field, so that a refusal names every bad
// field and every unknown one at once.
type fields struct {
	raw    map[string]json.RawMessage // those that have not been read
	known  []string
	prefix string
	bad    engine.Fields // shared with the objects within
	within []*fields
}

// readFields takes the body of a request. No body is an object without fields.
func readFields(c echo.Context) (*fields, error) {
	f := &fields{bad: engine.Fields{}}
	body, err := readBody(c)
	if err != nil || len(body) == 0 {
		return f, err
	}
	if err := json.Unmarshal(body, &f.raw); err != nil || f.raw == nil {
		return nil, echo.NewHTTPError(http.StatusBadRequest, "The body must be a JSON object"+because(err)+".")
	}
	return f, nil
}

// readBody is the body of a request, which must be sent as JSON when there is
// one: no form of a web page is.
func readBody(c echo.Context) ([]byte, error) {
	body, err := api.ReadBody(c.Request())
	if body = bytes.TrimSpace(body); err != nil || len(body) == 0 {
		return nil, err
	}
	if kind, _, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType)); err != nil || kind != echo.MIMEApplicationJSON {
		return nil, echo.NewHTTPError(http.StatusUnsupportedMediaType, "The body must be JSON, sent as application/json.")
	}
	return body, nil
}

func because(err error) string {
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		return fmt.Sprintf(": %v at byte %d", err, syntax.Offset)
	}
	return ""
}

// read decodes a field, if it is there; null is as good as not there.
func (f *fields) read(name string, into any) (given bool) {
	value, given := f.take(name)
	if !given {
		return false
	}
	if err := json.Unmarshal(value, into); err != nil {
		f.refuse(name, "%s", wanted(into, err))
		return false
	}
	return true
}

// take is the field as it came, which from here on counts as read.
func (f *fields) take(name string) (json.RawMessage, bool) {
	f.known = append(f.known, name)
	value, given := f.raw[name]
	delete(f.raw, name)
	return value, given && string(value) != "null"
}

// duration reads a field such as "36h".
func (f *fields) duration(name string, into *time.Duration) (given bool) {
	var text string
	if !f.read(name, &text) {
		return false
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		f.refuse(name, "%q is no duration: write \"36h\", \"90m\" or \"1m30s\"", text)
		return false
	}
	*into = d
	return true
}

// object is the object in a field; one that is not there has no fields.
func (f *fields) object(name string) (o *fields, given bool) {
	o = &fields{prefix: f.prefix + name + ".", bad: f.bad}
	if given = f.read(name, &o.raw); given {
		f.within = append(f.within, o)
	}
	return o, given
}

func (f *fields) refuse(name, format string, args ...any) {
	f.bad.Add(f.prefix+name, format, args...)
}

// err refuses the request when a field was bad, or is left that nobody has read.
func (f *fields) err() error {
	f.refuseUnknown()
	return f.bad.Err()
}

func (f *fields) refuseUnknown() {
	for _, name := range slices.Sorted(maps.Keys(f.raw)) {
		f.refuse(name, "is unknown here: there are %s", strings.Join(f.known, ", "))
	}
	for _, o := range f.within {
		o.refuseUnknown()
	}
}

// wanted says what a field must be.
func wanted(into any, err error) string {
	switch into.(type) {
	case *string:
		return "must be a string"
	case *bool:
		return "must be true or false"
	case *int, *uint64:
		return "must be a whole number, not below 0"
	case *[]string:
		return "must be a list of strings"
	case *wire.Credits:
		return "must be an amount of credits as a string, such as \"10.08\""
	case *time.Time:
		return "must be a time, such as \"2026-05-01T00:00:00Z\""
	case *map[string]json.RawMessage:
		return "must be an object"
	default:
		return err.Error()
	}
}

// strictly decodes JSON that has no unknown fields: one that is misspelt would
// otherwise be left out in silence.
func strictly(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("cannot be read: something follows its end")
	}
	return nil
}
