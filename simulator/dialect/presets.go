package dialect

import "net/http"

// Named is a dialect with a name to ask for it by.
type Named struct {
	Name    string
	Dialect Dialect
	// About is a line for the person who chooses.
	About string
}

// Presets are the contract's own way, every variation alone, and at last two
// combinations. "everything" has one variation of each part but the errors, so
// that it can be joined with any form of them.
func Presets() []Named {
	return []Named{
		{"plain", Dialect{}, "the contract's own way"},

		{"bare-arrays", Dialect{Lists: ListBare}, "a list is an array, whole"},
		{"data-only", Dialect{Lists: ListData}, "a list is {data}, whole"},
		{"flat-pages", Dialect{Lists: ListFlat}, "where a page is stands beside its data (Laravel's paginate)"},
		{"simple-pages", Dialect{Lists: ListSimple}, "pages without a total (Laravel's simplePaginate)"},
		{"nested-pages", Dialect{Lists: ListNested}, "pages within {data}"},
		{"wrapped-objects", Dialect{Objects: ObjectData}, "an object is {data}"},

		{"numeric-ids", Dialect{IDs: IDNumbers}, "ids are JSON numbers"},
		{"title-case", Dialect{Statuses: StatusTitle}, `statuses are spelled "Running"`},
		{"shouting", Dialect{Statuses: StatusUpper}, `statuses are spelled "RUNNING"`},
		{"other-statuses", Dialect{Statuses: StatusOther}, "what an instance passes through has other names"},
		{"title-words", Dialect{Words: WordTitle}, `operating systems and transactions are spelled "Linux" and "Charge"`},
		{"padded-money", Dialect{Money: MoneyPadded}, `amounts have all six places, "10.080000"`},
		{"numeric-money", Dialect{Money: MoneyNumbers}, "amounts are JSON numbers"},
		{"microseconds", Dialect{Times: TimeMicros}, "times have six places (Laravel's)"},
		{"local-times", Dialect{Times: TimeOffset}, "times are those of another place"},
		{"nulls", Dialect{Empties: EmptyNull}, "what is empty is null"},
		{"absent-fields", Dialect{Empties: EmptyAbsent}, "what is empty is left out"},

		{"laravel-errors", Dialect{Errors: ErrorLaravel}, "errors have a message, no code"},
		{"bare-errors", Dialect{Errors: ErrorBare}, `errors are {"error": "…"}`},
		{"nested-errors", Dialect{Errors: ErrorNested}, `errors are {"error": {message, code}}`},
		{"problem-errors", Dialect{Errors: ErrorProblem}, "errors are those of RFC 9457"},
		{"text-errors", Dialect{Errors: ErrorText}, "errors are plain text"},
		{"html-errors", Dialect{Errors: ErrorHTML}, "errors are HTML pages"},
		{"empty-errors", Dialect{Errors: ErrorNone}, "errors are a status and no more"},

		{"partial-changes", Dialect{Changes: ChangePart}, "a change is answered with id and status"},
		{"message-changes", Dialect{Changes: ChangeMessage}, "a change is answered with a message"},
		{"silent-changes", Dialect{Changes: ChangeNothing}, "a change is answered 204"},
		{"create-200", Dialect{Create: http.StatusOK}, "a create is answered 200"},
		{"create-202", Dialect{Create: http.StatusAccepted}, "a create is answered 202"},
		{"delete-204", Dialect{Delete: http.StatusNoContent}, "a deleted instance is gone at once"},
		{"duplicate-names", Dialect{DuplicateNames: true}, "several instances can have one name"},
		{"no-idempotency", Dialect{IgnoreIdempotency: true}, "an Idempotency-Key is not heeded"},

		{"laravel", Dialect{
			Objects: ObjectData, IDs: IDNumbers, Times: TimeMicros, Errors: ErrorLaravel,
		}, "what Laravel does where nobody tells it otherwise"},
		{"everything", Dialect{
			Lists: ListBare, Objects: ObjectData, IDs: IDNumbers, Statuses: StatusUpper, Words: WordTitle,
			Money: MoneyNumbers, Times: TimeMicros, Empties: EmptyAbsent, Changes: ChangeNothing,
			Create: http.StatusAccepted, Delete: http.StatusNoContent, DuplicateNames: true, IgnoreIdempotency: true,
		}, "one variation of each part, errors excepted"},
	}
}
