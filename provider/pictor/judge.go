package pictor

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// judge decides what a failure means: the error of a connection, an answer that
// is not whole, a status that is not 2xx.
func judge(endpoint *url.URL, clock Clock) link {
	return func(next handler) handler {
		return func(ctx context.Context, x *exchange) (*answer, error) {
			a, err := next(ctx, x)
			var judged *Error
			switch {
			case errors.As(err, &judged):
				return nil, judged
			case err != nil:
				return nil, lost(ctx, x, endpoint, err)
			case a.cut != nil && (a.status < 300 || a.status >= 500):
				e := lost(ctx, x, endpoint, a.cut)
				e.Status, e.RequestID = a.status, requestID(a.header)
				return nil, e
			case a.status < 200 || a.status > 299:
				return nil, refusal(x, a, clock.Now())
			}
			return a, nil
		}
	}
}

// lost is a request without an answer, or with a part of one.
func lost(ctx context.Context, x *exchange, endpoint *url.URL, err error) *Error {
	e := &Error{Code: CodeUnavailable, Err: err}
	var timeout interface{ Timeout() bool }
	switch {
	case ctx.Err() != nil && context.Cause(ctx) != errSlow:
		e.Code, e.Message, e.Err = contextCode(ctx.Err()), "gave up waiting for the answer: "+ctx.Err().Error(), ctx.Err()
	case ctx.Err() != nil, errors.As(err, &timeout) && timeout.Timeout():
		e.Code, e.Message = CodeTimeout, fmt.Sprintf("no answer from %s in time", endpoint.Host)
	case !x.left:
		e.Message = fmt.Sprintf("%s cannot be reached: %s", endpoint, err)
	default:
		e.Message = fmt.Sprintf("the answer of %s was lost: %s", endpoint.Host, err)
	}
	var untrusted *tls.CertificateVerificationError
	var notTLS tls.RecordHeaderError
	if errors.As(err, &untrusted) || errors.As(err, &notTLS) || errors.Is(err, errTooLong) {
		e.final = true
	}
	switch {
	case x.once && x.left:
		e.Code = CodeAmbiguous
	case !x.left && ctx.Err() != nil && context.Cause(ctx) != errSlow:
		return notSent(ctx.Err())
	}
	return e
}

// refusal is an answer whose status is not 2xx.
func refusal(x *exchange, a *answer, now time.Time) *Error {
	said := readRefusal(a)
	e := &Error{
		Code: statusCode(a.status), Status: a.status, Contract: said.contract, Worded: said.worded,
		Message: cmp.Or(said.message, http.StatusText(a.status), "refused"),
		Fields:  said.fields, RequestID: requestID(a.header),
	}
	e.RetryAfter, _ = retryAfter(a.header, now)
	switch a.status {
	case http.StatusUnauthorized, http.StatusRequestTimeout, http.StatusTooManyRequests:
	default:
		// A refusal that names its reason is believed whatever 4xx it comes with.
		if code := Code(said.code); a.status >= 400 && a.status < 500 && namedRefusals[code] {
			e.Code = code
		}
	}
	e.final = a.status == http.StatusNotImplemented || a.status == http.StatusHTTPVersionNotSupported
	if x.once && !certainlyRefused(a.status) {
		e.Code = CodeAmbiguous
	}
	return e
}

// namedRefusals are the codes in a body that say more than the status.
var namedRefusals = map[Code]bool{CodeInsufficientCredits: true, CodeNoCapacity: true, CodeWrongState: true}

// certainlyRefused says whether a status proves that a request was not acted
// upon. The reasons for the others are in the package's documentation.
func certainlyRefused(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	case http.StatusRequestTimeout:
		return false
	}
	return status >= 400 && status < 500
}

// statusCode gives the code of a status that is not 2xx.
func statusCode(status int) Code {
	switch status {
	case http.StatusUnauthorized:
		return CodeUnauthorized
	case http.StatusPaymentRequired:
		return CodeInsufficientCredits
	case http.StatusForbidden:
		return CodeForbidden
	case http.StatusNotFound, http.StatusGone:
		return CodeNotFound
	case http.StatusRequestTimeout:
		return CodeTimeout
	case http.StatusConflict:
		// RFC 9110: a conflict with the current state of the resource.
		return CodeWrongState
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return CodeValidation
	case http.StatusTooManyRequests:
		return CodeRateLimited
	}
	if status >= 500 {
		return CodeUnavailable
	}
	return CodeRejected
}
