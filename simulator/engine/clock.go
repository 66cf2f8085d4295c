package engine

import (
	"math"
	"time"
)

// Clock maps wall time to the time of a sandbox. It is plain data: the wall
// clock's reading is handed in.
type Clock struct {
	// Rate is how many sandbox seconds pass in a second of wall time:
	// 1 is real time, 60 a minute a second, 0 frozen.
	Rate int64
	// Polls, when above zero, lets an instance that is in transition move on
	// after that many reads of it; meant for a frozen clock, so that a client
	// that polls needs neither a control call nor patience.
	Polls int
	// Origin is the sandbox time at the wall time Wall.
	Origin, Wall time.Time
}

// Latest is where every clock stops. A duration holds 292 years and JSON's times
// end with the year 9999; no sum of a time and a rental comes near either.
var Latest = time.Date(2200, time.January, 1, 0, 0, 0, 0, time.UTC)

// At is the sandbox time at the given wall time, in UTC.
func (c Clock) At(wall time.Time) time.Time {
	passed, rate := max(wall.Sub(c.Wall), 0), time.Duration(c.Rate)
	if rate > 0 && passed > math.MaxInt64/rate {
		return Latest
	}
	return earlier(c.Origin.Add(passed*rate).UTC(), Latest)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// advanced is the clock that shows t at the given wall time and runs on from there.
func (c Clock) advanced(t, wall time.Time) Clock {
	c.Origin, c.Wall = t, wall
	return c
}
