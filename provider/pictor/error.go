package pictor

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Code says what kind of failure an [Error] is.
type Code string

// The codes, and what a caller can do about each.
const (
	// CodeUnauthorized (401): the key is missing, wrong or revoked.
	CodeUnauthorized Code = "unauthorized"
	// CodeForbidden (403): the key is known but may not do this.
	CodeForbidden Code = "forbidden"
	// CodeNotFound (404, 410). Before believing it, ask [IsGone].
	CodeNotFound Code = "not_found"
	// CodeValidation (400, 422, or refused before it was sent): [Error.Fields]
	// says what is wrong with which field.
	CodeValidation Code = "validation"
	// CodeInsufficientCredits (402): the balance does not carry it. Nothing was charged.
	CodeInsufficientCredits Code = "insufficient_credits"
	// CodeNoCapacity (409): the host has too few free GPUs or too little storage left.
	CodeNoCapacity Code = "no_capacity"
	// CodeWrongState (409): not possible in the present state. Read again;
	// after a stop or start that was sent twice it may be what was wanted.
	CodeWrongState Code = "wrong_state"
	// CodeRateLimited (429): too many requests, and waiting did not help.
	CodeRateLimited Code = "rate_limited"
	// CodeUnavailable: 5xx, no connection, or an answer that cannot be read,
	// and trying again did not help.
	CodeUnavailable Code = "unavailable"
	// CodeTimeout: no answer within the time for one attempt or until the
	// context's deadline. On a request that pays or adds: it was not sent.
	CodeTimeout Code = "timeout"
	// CodeCanceled: the context was canceled. On a request that pays or adds:
	// it was not sent.
	CodeCanceled Code = "canceled"
	// CodeAmbiguous: a request that pays or adds may or may not have been acted
	// upon. Look before sending it again; see the package's documentation.
	CodeAmbiguous Code = "ambiguous"
	// CodeDuplicate: a name that should be unique belongs to several objects.
	CodeDuplicate Code = "duplicate"
	// CodeRejected: refused with a status that has no code of its own: 405,
	// 413, another 4xx, a redirect that is not followed. Sending the same again
	// will not help.
	CodeRejected Code = "rejected"
)

// Error is every failure of this package.
type Error struct {
	Code Code
	// Status is the HTTP status; 0 if there was no answer.
	Status int
	// Operation is what was tried, for a person: `rent instance "trainer"`.
	Operation string
	// Method and URL are the request's; URL is the path only.
	Method, URL string
	// Message is what the service said, or what happened instead. One line.
	Message string
	// Fields says what is wrong with which field, by the contract's names.
	Fields map[string][]string
	// RequestID is the service's name for the exchange, if it gave one.
	RequestID string
	// RetryAfter is how long the service asked to wait; 0 if it did not.
	RetryAfter time.Duration
	// Contract says that the body was an error in the contract's shape: a JSON
	// object with a message and a code.
	Contract bool
	// Worded says that the body was a JSON object that says why, in the
	// contract's shape or in another that APIs have. It tells an API's 404 from
	// the page of a proxy or a web server.
	Worded bool
	// Err is the cause below HTTP, if any: errors.Is finds context.Canceled,
	// syscall.ECONNREFUSED and the like in it.
	Err error

	// final says that sending the same again cannot help.
	final bool
}

// IsCode says whether err is or wraps an [*Error] with one of the codes.
func IsCode(err error, codes ...Code) bool {
	var e *Error
	return errors.As(err, &e) && slices.Contains(codes, e.Code)
}

// Unwrap gives the cause below HTTP.
func (e *Error) Unwrap() error { return e.Err }

// Error says what was tried, why it failed, and what to do next.
func (e *Error) Error() string {
	parts := []string{}
	if e.Operation != "" {
		parts = append(parts, e.Operation)
	}
	if e.Message != "" {
		parts = append(parts, strings.TrimRight(e.Message, ".\t "))
	} else if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	if fields := e.fields(); fields != "" {
		parts = append(parts, fields)
	}
	text := strings.Join(parts, ": ") + " (" + e.facts() + ")"
	if hint := e.hint(); hint != "" {
		text += "; " + hint
	}
	return text
}

// fields lists the bad fields in the order of their names.
func (e *Error) fields() string {
	var all []string
	for name, faults := range e.Fields {
		all = append(all, name+" "+strings.Join(faults, ", "))
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

func (e *Error) facts() string {
	var facts []string
	if e.Status != 0 {
		facts = append(facts, fmt.Sprintf("%d %s", e.Status, e.Code))
	} else {
		facts = append(facts, string(e.Code))
	}
	if e.Method != "" {
		facts = append(facts, e.Method+" "+e.URL)
	}
	if e.RequestID != "" {
		facts = append(facts, "request "+e.RequestID)
	}
	return strings.Join(facts, ", ")
}

// hint says what to do next.
func (e *Error) hint() string {
	switch e.Code {
	case CodeUnauthorized:
		return "check PICTOR_API_KEY or pictor:apiKey; after a change of the configured key, refresh and destroy still use the state's: set PICTOR_API_KEY to the new one; keys are made at app.pictor.network/account/keys"
	case CodeForbidden:
		return "the key in PICTOR_API_KEY may not do this; check whose it is at app.pictor.network/account/keys"
	case CodeNotFound:
		if !e.Worded {
			return "this is not how an API says it; check PICTOR_ENDPOINT and any proxy in between"
		}
		return "check the id, PICTOR_ENDPOINT, and whether PICTOR_API_KEY belongs to the account that has it"
	case CodeInsufficientCredits:
		return "top up at app.pictor.network under Payment & Billing, or rent for fewer hours; nothing was charged"
	case CodeNoCapacity:
		return "choose another offer or fewer GPUs, or try again later; nothing was charged"
	case CodeWrongState:
		return "read it again; it may still be changing"
	case CodeRateLimited:
		if e.RetryAfter > 0 {
			return fmt.Sprintf("try again in %s, or lower the requests per minute", e.RetryAfter.Round(time.Second))
		}
		return "try again later, or lower the requests per minute"
	case CodeUnavailable:
		if hint := certificateHint(e.Err); hint != "" {
			return hint
		}
		if e.Status == 0 {
			return "check the network, any proxy in between and PICTOR_ENDPOINT"
		}
		if e.Status < 300 { // an answer, but not this API's, or not the whole of it
			return "check PICTOR_ENDPOINT and any proxy in between, or try again later"
		}
		return "the service has a problem; try again later"
	case CodeTimeout:
		return "the service or the network is slow; try again, or allow more time"
	case CodeAmbiguous:
		return "it may have been done, and charged: look it up before trying again"
	case CodeDuplicate:
		return "give each a name of its own"
	case CodeRejected:
		return "check PICTOR_ENDPOINT and the version of this program"
	}
	return ""
}
