package pictor

import (
	"bytes"
	"encoding/json"
	"strings"
)

// refused is what the body of a refusal says.
type refused struct {
	message, code string
	fields        map[string][]string
	contract      bool // in the contract's shape
	worded        bool // a JSON object that says why
}

// readRefusal reads the contract's error, other services' JSON errors, and
// plain text. A page of HTML is named, not quoted.
func readRefusal(a *answer) refused {
	body := bytes.TrimSpace(a.body)
	if isHTML(a.header.Get(headerContentType), body) {
		return refused{message: "an HTML page came instead of an answer of the API"}
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil {
		var text string
		if json.Unmarshal(body, &text) != nil {
			text = string(body)
		}
		return refused{message: strings.ToValidUTF8(text, "�")}
	}
	r := refused{message: text(object["message"]), code: text(object["code"])}
	r.contract = r.message != "" && r.code != "" && a.cut == nil
	for _, name := range []string{"error", "detail", "title", "error_description"} {
		if r.message == "" {
			r.message = text(object[name])
		}
	}
	var nested struct{ Message, Code json.RawMessage }
	if r.message == "" && json.Unmarshal(object["error"], &nested) == nil {
		r.message, r.code = text(nested.Message), text(nested.Code)
	}
	r.worded = r.message != "" && a.cut == nil
	r.fields = readFields(object["errors"])
	return r
}

// readFields reads {"field": ["fault", …]}, also with one fault in place of a list.
func readFields(raw json.RawMessage) map[string][]string {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil || len(object) == 0 {
		return nil
	}
	fields := make(map[string][]string, len(object))
	for name, value := range object {
		var faults []string
		if json.Unmarshal(value, &faults) != nil {
			faults = []string{text(value)}
		}
		fields[name] = faults
	}
	return fields
}

// text gives a JSON string, or "" for everything else.
func text(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s)
	return s
}

// isHTML goes by the body too: proxies send pages under any type.
func isHTML(contentType string, body []byte) bool {
	return bytes.HasPrefix(body, []byte("<")) ||
		strings.Contains(strings.ToLower(contentType), "html") && !json.Valid(body)
}
