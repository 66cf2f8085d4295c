package pictor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// decode hands a 2xx answer to the caller's value. One that cannot be read is
// no answer: the service may have acted, and what it did is not known.
func decode() link {
	return func(next handler) handler {
		return func(ctx context.Context, x *exchange) (*answer, error) {
			a, err := next(ctx, x)
			if err != nil || x.accept == nil {
				return a, err
			}
			bad := x.accept(a.body)
			if bad == nil {
				return a, nil
			}
			e := &Error{
				Code: CodeUnavailable, Status: a.status, RequestID: requestID(a.header), Err: bad,
				Message: "the answer cannot be read: " + bad.Error(),
				// What is cut off may come whole the next time; what has
				// another shape will have it again.
				final: json.Valid(a.body),
			}
			if isHTML(a.header.Get(headerContentType), bytes.TrimSpace(a.body)) {
				e.Message = "the answer cannot be read: an HTML page came instead of JSON"
			}
			if x.once {
				e.Code = CodeAmbiguous
			}
			return nil, e
		}
	}
}

// object carries out a call that is answered with one object. whole says
// whether what was read is one: an object without its id is none.
func object[T any](ctx context.Context, c *Client, call call, whole func(T) bool, request *http.Request, built error) (T, error) {
	var value T
	call.accept = func(body []byte) error {
		v, err := decodeObject(body, whole)
		if err == nil {
			value = v
		}
		return err
	}
	err := c.exchange(ctx, call, request, built)
	return value, err
}

// changedObject carries out a call that sets a state. A service may accept it
// with nothing, or with a mere message: the zero value, which the caller then
// reads again.
func changedObject[T any](ctx context.Context, c *Client, call call, request *http.Request, built error) (T, error) {
	var value T
	call.accept = func(body []byte) (err error) {
		value, err = decodeObject(body, func(T) bool { return true })
		if errors.Is(err, errEmpty) {
			return nil
		}
		return err
	}
	err := c.exchange(ctx, call, request, built)
	return value, err
}

var errEmpty = errors.New("it is empty")

// decodeObject reads an object, bare or as {"data": …}.
func decodeObject[T any](body []byte, whole func(T) bool) (T, error) {
	var value T
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return value, errEmpty
	}
	var envelope struct {
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return value, err
	}
	if len(envelope.Data) > 0 && envelope.Data[0] == '{' {
		body = envelope.Data
	}
	if err := json.Unmarshal(body, &value); err != nil {
		return value, err
	}
	if !whole(value) {
		return value, errors.New("it is an object without an id, or another than was asked for")
	}
	return value, nil
}
