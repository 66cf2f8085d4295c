package dialect

import (
	"encoding/json"
	"strconv"
	"strings"
)

// IDs is how ids travel in bodies.
type IDs string

// The ways in which ids travel.
const (
	IDStrings IDs = ""
	// IDNumbers are the row numbers of a database, as JSON numbers. Ids of the
	// engine that are not a number's own digits stay strings.
	IDNumbers IDs = "numbers"
)

// isID and isIDs go by the names of the contract's fields.
func isID(field string) bool  { return field == "id" || strings.HasSuffix(field, "_id") }
func isIDs(field string) bool { return strings.HasSuffix(field, "_ids") }

func (i IDs) answer(o object)  { i.each(o, numbered) }
func (i IDs) request(o object) { i.each(o, lettered) }

func (i IDs) each(o object, change func(any) any) {
	if i != IDNumbers {
		return
	}
	for field, value := range o {
		list, isList := value.([]any)
		switch {
		case isID(field):
			o[field] = change(value)
		case isIDs(field) && isList:
			for n := range list {
				list[n] = change(list[n])
			}
		}
	}
}

// numbered makes a number of a string that is one.
func numbered(value any) any {
	if s, isString := value.(string); isString && isWhole(s) {
		return json.Number(s)
	}
	return value
}

// lettered makes a string of a whole number.
func lettered(value any) any {
	if n, isNumber := value.(json.Number); isNumber && isWhole(n.String()) {
		return n.String()
	}
	return value
}

// isWhole says whether s is how a whole number is written; "017" is not.
func isWhole(s string) bool {
	n, err := strconv.ParseUint(s, 10, 64)
	return err == nil && strconv.FormatUint(n, 10) == s
}
