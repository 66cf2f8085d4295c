package dialect

import (
	"fmt"
	"net/http"
)

// Errors is how a refusal looks. Its status is the contract's in each.
//
// Without words (text, html, none) a 404 could be that of a proxy or a web server,
// and proves nothing; and where there is no code a 409 does not say that the
// capacity is used up.
type Errors string

// The forms of a refusal.
const (
	ErrorContract Errors = ""        // {message, code, errors}
	ErrorLaravel  Errors = "laravel" // {message, errors}, as the framework does by itself
	ErrorBare     Errors = "bare"    // {error: "…"}
	ErrorNested   Errors = "nested"  // {error: {message, code}}
	ErrorProblem  Errors = "problem" // {title, detail, status} of RFC 9457
	ErrorText     Errors = "text"    // the message as plain text
	ErrorHTML     Errors = "html"    // a page with the status, as a proxy sends it
	ErrorNone     Errors = "none"    // no body
)

// answer changes a refusal of the contract; any other body stays.
func (e Errors) answer(status int, header http.Header, value any, body []byte) []byte {
	refusal, _ := value.(object)
	message, hasMessage := refusal["message"].(string)
	code, hasCode := refusal["code"].(string)
	if e == ErrorContract || !hasMessage || !hasCode {
		return body
	}
	content := func(kind string, body []byte) []byte {
		header.Set("Content-Type", kind)
		return body
	}
	title := fmt.Sprintf("%d %s", status, http.StatusText(status))
	said := object{}
	switch e {
	case ErrorText:
		return content("text/plain; charset=utf-8", []byte(message+"\n"))
	case ErrorHTML:
		return content("text/html; charset=utf-8", fmt.Appendf(nil,
			"<!DOCTYPE html>\n<html lang=\"en\"><head><title>%[1]s</title></head><body><h1>%[1]s</h1></body></html>\n", title))
	case ErrorNone:
		header.Del("Content-Type")
		return nil
	case ErrorBare:
		said["error"] = message
	case ErrorNested:
		said["error"] = object{"message": message, "code": code}
	case ErrorLaravel:
		said["message"] = message
	case ErrorProblem:
		header.Set("Content-Type", "application/problem+json")
		said["title"], said["detail"], said["status"] = http.StatusText(status), message, status
	}
	if fields, has := refusal["errors"]; has && (e == ErrorLaravel || e == ErrorProblem) {
		said["errors"] = fields
	}
	return encode(said)
}
