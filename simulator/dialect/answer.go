package dialect

import (
	"net/http"
	"strings"
)

// Answer gives the dialect's form of an answer of the contract, and edits its
// header, which may not be nil, in place. The operation is the contract's
// operationId, or empty if the request was for none. What is not an answer of
// the contract, such as an invoice or the page of a proxy, comes back as it is.
func (d Dialect) Answer(operation string, status int, header http.Header, body []byte) (int, []byte) {
	if d == (Dialect{}) {
		return status, body
	}
	if !strings.HasPrefix(header.Get("Content-Type"), "application/json") {
		return status, body
	}
	value, ok := decode(body)
	if !ok {
		return status, body
	}
	header.Del("Content-Length")
	if status >= http.StatusBadRequest {
		return status, d.Errors.answer(status, header, value, body)
	}
	if status = d.status(operation, status); status == http.StatusNoContent {
		header.Del("Content-Type")
		return status, nil
	}
	if page, ok := pageOf(value); ok {
		objects(page.data, d.entry)
		return status, encode(d.Lists.answer(page))
	}
	objects(value, d.entry)
	if d.Changes.concerns(operation) {
		value = d.Changes.answer(value)
	}
	return status, encode(d.Objects.answer(value))
}

// entry changes an object of the contract, and is called for those within it.
func (d Dialect) entry(o object) {
	d.IDs.answer(o)
	d.Statuses.answer(o)
	d.Words.answer(o)
	d.Money.answer(o)
	d.Times.answer(o)
	d.Empties.answer(o)
}

// status is that of an answer which is no error.
func (d Dialect) status(operation string, status int) int {
	switch {
	case status == http.StatusCreated && d.Create != 0:
		return d.Create
	case operation == "deleteInstance" && d.Delete != 0:
		return d.Delete
	case d.Changes == ChangeNothing && d.Changes.concerns(operation):
		return http.StatusNoContent
	}
	return status
}
