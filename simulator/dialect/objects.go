package dialect

// Objects is how an answer carries a single object.
type Objects string

// The ways to carry an object.
const (
	ObjectBare Objects = ""     // the object itself
	ObjectData Objects = "data" // {data: object}, as Laravel's API resources do
)

func (o Objects) answer(value any) any {
	fields, isObject := value.(object)
	if _, isMessage := fields["message"]; o != ObjectData || !isObject || isMessage {
		return value
	}
	return object{"data": value}
}
