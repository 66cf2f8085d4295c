package dialect

import (
	"net/url"
	"strings"
)

// Statuses is how the statuses of an instance are named and spelled.
type Statuses string

// The spellings of a status.
const (
	StatusLower Statuses = ""
	StatusTitle Statuses = "title" // "Running", as Pictor's own pages write it
	StatusUpper Statuses = "upper" // "RUNNING"
	// StatusOther has other names for what an instance passes through. Those in
	// which it can stay are the contract's: running and stopped are what a
	// program waits for, terminated and error what ends the wait, so a service
	// with other words for them cannot be served without knowing them.
	StatusOther Statuses = "other"
)

var otherStatuses = map[string]string{
	"pending":      "creating",
	"provisioning": "initializing",
	"starting":     "booting",
	"stopping":     "shutting_down",
	"deleting":     "destroying",
}

func (s Statuses) answer(o object) {
	if status, isString := o["status"].(string); isString {
		o["status"] = s.spelled(status)
	}
}

func (s Statuses) spelled(status string) string {
	switch s {
	case StatusTitle:
		return title(status)
	case StatusUpper:
		return strings.ToUpper(status)
	case StatusOther:
		if other, known := otherStatuses[status]; known {
			return other
		}
	}
	return status
}

// query reads the status that a list is narrowed to, in the dialect's spelling
// or in the contract's, which the client uses.
func (s Statuses) query(q url.Values) {
	if s == StatusLower || !q.Has("status") {
		return
	}
	asked := strings.ToLower(q.Get("status"))
	for status, other := range otherStatuses {
		if s == StatusOther && asked == other {
			asked = status
		}
	}
	q.Set("status", asked)
}

// title writes the first letter of an ASCII word in upper case.
func title(word string) string {
	if word == "" {
		return word
	}
	return strings.ToUpper(word[:1]) + word[1:]
}
