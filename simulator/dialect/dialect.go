package dialect

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Dialect says how a sandbox speaks where Pictor's reference could not be read.
// The zero value is the contract's own way. Dialects can be compared.
type Dialect struct {
	Lists    Lists    `json:"lists,omitempty"`
	Objects  Objects  `json:"objects,omitempty"`
	IDs      IDs      `json:"ids,omitempty"`
	Statuses Statuses `json:"statuses,omitempty"`
	Words    Words    `json:"words,omitempty"`
	Money    Money    `json:"money,omitempty"`
	Times    Times    `json:"times,omitempty"`
	Empties  Empties  `json:"empties,omitempty"`
	Errors   Errors   `json:"errors,omitempty"`
	Changes  Changes  `json:"changes,omitempty"`
	// Create is the status of a create: 0 is the contract's 201, or 200 or 202.
	Create int `json:"create,omitempty"`
	// Delete is the status of an instance's delete: 0 is the contract's 202 with
	// the instance, or 204 with nothing; see [Dialect.DeletesAtOnce].
	Delete int `json:"delete,omitempty"`
	// DuplicateNames lets several instances have one name. The engine does it.
	DuplicateNames bool `json:"duplicate_names,omitempty"`
	// IgnoreIdempotency makes every request a new one, whatever its
	// Idempotency-Key. The engine does it.
	IgnoreIdempotency bool `json:"ignore_idempotency,omitempty"`
}

// WholeLists says that a list comes whole in one answer, whatever page is asked
// for. The handler of a list must then give [Dialect.Answer] a page of the
// contract with every entry that matches, because an answer that says nothing of
// further pages would hide what stands on them.
func (d Dialect) WholeLists() bool { return d.Lists == ListData || d.Lists == ListBare }

// DeletesAtOnce says that an instance is gone when its delete is answered. The
// engine must then let it end its time as deleting before the answer leaves: a
// 204 promises that nothing is left.
func (d Dialect) DeletesAtOnce() bool { return d.Delete == http.StatusNoContent }

// Validate names every part that is not a variation, and those there are.
func (d Dialect) Validate() error {
	return errors.Join(
		oneOf("lists", d.Lists, ListPaged, ListData, ListBare, ListFlat, ListSimple, ListNested),
		oneOf("objects", d.Objects, ObjectBare, ObjectData),
		oneOf("ids", d.IDs, IDStrings, IDNumbers),
		oneOf("statuses", d.Statuses, StatusLower, StatusTitle, StatusUpper, StatusOther),
		oneOf("words", d.Words, WordLower, WordTitle),
		oneOf("money", d.Money, MoneyStrings, MoneyPadded, MoneyNumbers),
		oneOf("times", d.Times, TimeUTC, TimeMicros, TimeOffset),
		oneOf("empties", d.Empties, EmptyTyped, EmptyNull, EmptyAbsent),
		oneOf("errors", d.Errors, ErrorContract, ErrorLaravel, ErrorBare, ErrorNested, ErrorProblem, ErrorText, ErrorHTML, ErrorNone),
		oneOf("changes", d.Changes, ChangeWhole, ChangePart, ChangeMessage, ChangeNothing),
		oneOf("create", d.Create, 0, http.StatusOK, http.StatusAccepted),
		oneOf("delete", d.Delete, 0, http.StatusNoContent),
	)
}

// oneOf is an error unless a part of a dialect is one of its variations, the
// first of which is the contract's.
func oneOf[T comparable](part string, value T, variations ...T) error {
	words := make([]string, len(variations))
	for i, v := range variations {
		if v == value {
			return nil
		}
		words[i] = fmt.Sprintf("%#v", v)
	}
	return fmt.Errorf("no dialect has the %s %#v; use one of %s (the first is the contract's)", part, value, strings.Join(words, ", "))
}
