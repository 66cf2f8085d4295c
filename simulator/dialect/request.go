package dialect

import (
	"net/url"
)

// Request gives the contract's form of a request body. One that is not a single
// JSON value comes back as it is, for the contract to refuse.
func (d Dialect) Request(body []byte) []byte {
	if d.IDs == IDStrings && d.Words == WordLower {
		return body
	}
	value, ok := decode(body)
	if !ok {
		return body
	}
	objects(value, func(o object) {
		d.IDs.request(o)
		d.Words.request(o)
	})
	return encode(value)
}

// Query gives a query, in place, the contract's form. Where lists come whole
// there are no pages to ask for.
func (d Dialect) Query(q url.Values) {
	d.Statuses.query(q)
	d.Words.query(q)
	if d.WholeLists() {
		q.Del("page")
		q.Del("per_page")
	}
}
