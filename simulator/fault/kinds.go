package fault

import (
	"encoding/json"
	"maps"
	"slices"
)

// Kind is a kind of fault as a plan in JSON names it.
type Kind struct {
	// About is a sentence.
	About      string
	Parameters []Parameter
	// Phases are those in which it can hit, the usual one first.
	Phases []Phase

	read func(parameters []byte) (Effect, error)
	// fits tells which operations it can hit; nil means all.
	fits func(operation, Phase) bool
}

// Parameter is a parameter of a kind.
type Parameter struct {
	Name string
	// Is one of "number", "text", "duration" and "headers" (an object of texts).
	Is string
	// About says what it is, and what it is when it is left out.
	About string
}

// kinds is every kind of fault, by its name.
var kinds = map[string]Kind{
	Status{}.kind(): {
		About: "The answer is a status of its own.",
		Parameters: []Parameter{
			{"code", "number", "200 to 599"},
			{"headers", "headers", "more headers"},
			{"body", "text", "sent as it is; else empty"},
			{"content_type", "text", "of the body; else plain text"},
			{"retry_after", "number", "the header of this name, in seconds"},
		},
		Phases: []Phase{Before, After, PhaseLate}, read: read[Status],
	},
	HTML{}.kind(): {
		About:      "The answer is the error page of a proxy.",
		Parameters: []Parameter{{"code", "number", "its status; else 502"}},
		Phases:     []Phase{Before, After, PhaseLate}, read: read[HTML],
	},
	Reset{}.kind(): {
		About:  "The connection is reset without an answer.",
		Phases: []Phase{Before, After, PhaseLate}, read: read[Reset],
	},
	Truncate{}.kind(): {
		About:      "The answer breaks off.",
		Parameters: []Parameter{{"keep", "number", "bytes of the body that are sent; else 0"}},
		Phases:     []Phase{Before, After}, read: read[Truncate],
	},
	Empty{}.kind(): {
		About:  "The answer has its real status and an empty body.",
		Phases: []Phase{After}, read: read[Empty],
	},
	Delay{}.kind(): {
		About:      "The request, or its answer, takes longer.",
		Parameters: []Parameter{{"by", "duration", "of wall-clock time, up to 1m"}},
		Phases:     []Phase{Before, After}, read: read[Delay],
	},
	Late{}.kind(): {
		About:      "The request is carried out only when its client has given up.",
		Parameters: []Parameter{{"by", "duration", "after which the connection is reset, up to 1m; else 10s"}},
		Phases:     []Phase{PhaseLate}, read: read[Late],
	},
	Stale{}.kind(): {
		About:      "A read shows the world as it was some changes ago, of those since the plan was added.",
		Parameters: []Parameter{{"behind", "number", "how many changes; else 1"}},
		Phases:     []Phase{Before}, read: read[Stale], fits: isRead,
	},
	NoCapacity{}.kind(): {
		About:  "The offer is gone between the list and the rent.",
		Phases: []Phase{Before}, read: read[NoCapacity], fits: rents,
	},
	FailProvisioning{}.kind(): {
		About:      "The instance ends in an error instead of beginning to run.",
		Parameters: []Parameter{{"reason", "text", "what is said of it; else that the host did not boot"}},
		Phases:     []Phase{After, Before}, read: read[FailProvisioning], fits: hasInstance,
	},
	HostDies{}.kind(): {
		About:      "The instance's host dies, and everything on it.",
		Parameters: []Parameter{{"after", "duration", "of the sandbox's time; else at once"}},
		Phases:     []Phase{After, Before}, read: read[HostDies], fits: hasInstance,
	},
	SSHRefused{}.kind(): {
		About:      "The instance refuses SSH for a time after it has begun to run.",
		Parameters: []Parameter{{"for", "duration", "of the sandbox's time"}},
		Phases:     []Phase{After, Before}, read: read[SSHRefused], fits: hasInstance,
	},
	CreditsRunOut{}.kind(): {
		About:  "The account's credits run out.",
		Phases: []Phase{Before, After}, read: read[CreditsRunOut],
	},
}

func isRead(o operation, _ Phase) bool { return o.reads }

func rents(o operation, _ Phase) bool { return o.id == rent }

// hasInstance tells whether the instance is known when the fault strikes: one
// that is going to be rented is known only afterwards.
func hasInstance(o operation, p Phase) bool { return o.instance || o.id == rent && p == After }

// read reads the parameters of a kind.
func read[E Effect](parameters []byte) (Effect, error) {
	var e E
	err := json.Unmarshal(parameters, &e)
	return e, err
}

// Kinds has every kind of fault by its name.
func Kinds() map[string]Kind { return maps.Clone(kinds) }

// KindNames are the names of the kinds in alphabetical order.
func KindNames() []string { return slices.Sorted(maps.Keys(kinds)) }

// kindOf finds the kind of an effect; one that a test has made has none.
func kindOf(e Effect) (name string, kind Kind, known bool) {
	if k, ok := e.(kinded); ok {
		name = k.kind()
		kind, known = kinds[name]
	}
	return name, kind, known
}
