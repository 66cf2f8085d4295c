package engine

import (
	"fmt"
	"slices"
	"strings"
)

// Code says what kind of refusal an [Error] is.
type Code string

// The refusals.
const (
	CodeNotFound            Code = "not_found"
	CodeValidation          Code = "validation"
	CodeInsufficientCredits Code = "insufficient_credits"
	CodeNoCapacity          Code = "no_capacity"
	CodeWrongState          Code = "wrong_state"
)

// Error is a refused command. The world is as it was before.
type Error struct {
	Code    Code
	Message string
	// Fields has, for CodeValidation, every bad field and what is wrong with it.
	Fields Fields
	// Needed and Balance are set for CodeInsufficientCredits.
	Needed, Balance Credits
}

func (e *Error) Error() string {
	switch e.Code {
	case CodeValidation:
		return e.Fields.String()
	case CodeInsufficientCredits:
		return fmt.Sprintf("needs %d micro-credits, the balance is %d", e.Needed, e.Balance)
	default:
		return e.Message
	}
}

func notFound(kind, id string) error {
	return &Error{Code: CodeNotFound, Message: fmt.Sprintf("no %s has the id %q", kind, id)}
}

// Fields collects what is wrong with a request, by field name.
type Fields map[string][]string

// Add notes one fault of a field.
func (f Fields) Add(field, format string, args ...any) {
	f[field] = append(f[field], fmt.Sprintf(format, args...))
}

// Err is nil when nothing was added, else the validation error.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Code: CodeValidation, Message: "The given data was invalid.", Fields: f}
}

// String lists the fields in alphabetical order.
func (f Fields) String() string {
	var parts []string
	for field, faults := range f {
		parts = append(parts, field+": "+strings.Join(faults, ", "))
	}
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}
