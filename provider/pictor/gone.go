package pictor

import "errors"

// IsGone tells whether an API said, in words of JSON, that there is no such
// thing. A page or an empty answer, as a proxy or a web server gives, does not
// count; and even the service's own word is only half of a proof, since another
// account's key gets it too.
func IsGone(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == CodeNotFound && e.Worded
}

// IsCertain tells whether a request that pays or adds something was certainly
// not acted upon, by the word of the one who decides it: it never left, or an
// API refused it in words of JSON. A refusal without words may be a proxy's, and
// proxies also spoil answers.
func IsCertain(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code != CodeAmbiguous && (e.Status == 0 || e.Worded || e.Status == 429)
}
