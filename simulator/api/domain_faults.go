package api

import (
	"encoding/json"
	"errors"
	"io"
	"maps"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// addDomainFaults adds, to a request that the contract refuses already, what the
// engine says of it, so that every bad field is named at once. Where both find
// fault with a field, the engine says it better, unless it could not be read.
// Operations whose body has a single field need none of this.
func addDomainFaults(c echo.Context, fields engine.Fields) {
	var check func(w *engine.World) error
	var unread []string
	switch body := c.Request().Body; routeOf(c).Operation.OperationID {
	case "createInstance":
		var b wire.InstanceCreate
		unread = decodeFields(body, &b)
		check = func(w *engine.World) error { return w.CheckRent(rentRequest(b)) }
	case "quoteInstance":
		var b wire.QuoteRequest
		unread = decodeFields(body, &b)
		check = func(w *engine.World) error { return w.CheckSpec(quoteSpec(b)) }
	case "createSshKey":
		var b wire.SshKeyCreate
		unread = decodeFields(body, &b)
		check = func(w *engine.World) error { return w.CheckSSHKey(b.Name, b.PublicKey) }
	default:
		return
	}
	callOf(c).Sandbox.View(func(w *engine.World) {
		var invalid *engine.Error
		if errors.As(check(w), &invalid) {
			for _, field := range unread {
				delete(invalid.Fields, field)
			}
			maps.Copy(fields, invalid.Fields)
		}
	})
}

// decodeFields decodes a JSON object field by field, so that one that does not
// decode hides no other, and returns the names of those that do not.
func decodeFields(body io.Reader, into any) (unread []string) {
	var object map[string]json.RawMessage
	_ = json.NewDecoder(body).Decode(&object) // no object has no fields
	for name, value := range object {
		one, err := json.Marshal(map[string]json.RawMessage{name: value})
		if err != nil || json.Unmarshal(one, into) != nil {
			unread = append(unread, name)
		}
	}
	return unread
}
