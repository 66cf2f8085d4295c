package dialect

import "slices"

// Changes is how something is answered that sets a state: a new name, stop,
// start, auto-renew, SSH keys. Extending is not among them: it pays.
type Changes string

// The answers to a change.
const (
	ChangeWhole   Changes = ""        // the object as it is now
	ChangePart    Changes = "part"    // its id and status only
	ChangeMessage Changes = "message" // {"message": "…"}
	ChangeNothing Changes = "nothing" // 204
)

var changing = []string{"updateInstance", "stopInstance", "startInstance", "setAutoRenew", "setInstanceSshKeys", "updateSshKey"}

func (Changes) concerns(operation string) bool { return slices.Contains(changing, operation) }

func (c Changes) answer(value any) any {
	switch c {
	case ChangeMessage:
		return object{"message": "It is done or being done."}
	case ChangePart:
		whole, _ := value.(object)
		part := object{}
		for _, field := range []string{"id", "status"} {
			if v, has := whole[field]; has {
				part[field] = v
			}
		}
		return part
	}
	return value
}
