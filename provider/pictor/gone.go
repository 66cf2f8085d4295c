package pictor

import "errors"

// IsGone tells whether the service itself, in the contract's words, said that
// there is no such thing. The 404 of a proxy or of a wrong base path does not
// count; and even the service's own is only half of a proof, since another
// account's key gets it too.
func IsGone(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == CodeNotFound && e.Contract
}
