package journal

import (
	"net/http"
	"time"
)

// Entry is a request and what went out in answer to it. Once it is in a journal
// nobody changes it.
type Entry struct {
	// Number counts the requests of a sandbox, from 1.
	Number int64
	// At is the sandbox's time when the request came, Wall the wall clock's.
	At, Wall time.Time
	Took     time.Duration

	Method, Path, Query string
	// Operation is the contract's operationId; empty where it has none.
	Operation string
	Header    http.Header
	Body      Body

	// Status is what was sent; 0 means that the connection broke without one.
	Status    int
	Answer    Body
	RequestID string
	// Fault is the id of the fault that hit, if one did.
	Fault string

	bytes int // see size
}

// Body is the beginning of a body, at most [MaxBody] bytes of it.
type Body struct {
	Data []byte
	// Cut says that there was more.
	Cut bool
}

// MaxBody is how much of a body is kept.
const MaxBody = 16 << 10

// size is roughly what an entry costs in memory.
func (e *Entry) size() int {
	const fixed = 512
	n := fixed + len(e.Path) + len(e.Query) + len(e.Body.Data) + len(e.Answer.Data)
	for name, values := range e.Header {
		n += len(name)
		for _, v := range values {
			n += len(v)
		}
	}
	return n
}
