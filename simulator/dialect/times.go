package dialect

import (
	"strings"
	"time"
)

// Times is how moments are written.
type Times string

// The ways to write a moment; all are RFC 3339.
const (
	TimeUTC    Times = ""       // 2026-01-01T00:00:00Z
	TimeMicros Times = "micros" // 2026-01-01T00:00:00.000000Z, as Laravel's models do
	TimeOffset Times = "offset" // 2026-01-01T07:00:00+07:00, the time of the service's own place
)

// place is where the service of TimeOffset is.
var place = time.FixedZone("", 7*60*60)

// answer goes by the names of the contract's fields: created_at, expires_at.
func (t Times) answer(o object) {
	if t == TimeUTC {
		return
	}
	for field, value := range o {
		text, isString := value.(string)
		if !isString || !strings.HasSuffix(field, "_at") {
			continue
		}
		moment, err := time.Parse(time.RFC3339, text)
		if err != nil {
			continue
		}
		switch t {
		case TimeMicros:
			o[field] = moment.Format("2006-01-02T15:04:05.000000Z07:00")
		case TimeOffset:
			o[field] = moment.In(place).Format(time.RFC3339Nano)
		}
	}
}
