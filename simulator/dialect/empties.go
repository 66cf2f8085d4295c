package dialect

// Empties is what stands where there is nothing to say, such as the reason of a
// status or the SSH keys of an instance that has none.
type Empties string

// What stands for nothing.
const (
	EmptyTyped  Empties = ""       // "", [] or null, as the field's type asks for
	EmptyNull   Empties = "null"   // null
	EmptyAbsent Empties = "absent" // the field is left out
)

func (e Empties) answer(o object) {
	if e == EmptyTyped {
		return
	}
	for field, value := range o {
		list, isList := value.([]any)
		switch empty := value == nil || value == "" || isList && len(list) == 0; {
		case empty && e == EmptyNull:
			o[field] = nil
		case empty && e == EmptyAbsent:
			delete(o, field)
		}
	}
}
