package engine

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Clock maps wall time to the time of a sandbox. It is plain data: the wall
// clock's reading is handed in.
type Clock struct {
	// Rate is how many sandbox seconds pass in a second of wall time:
	// 1 is real time, 60 a minute a second, 0 frozen.
	Rate int64 `json:"rate,omitempty"`
	// Polls, when above zero, lets an instance that is in transition move on
	// after that many reads of it; meant for a frozen clock, so that a client
	// that polls needs neither a control call nor patience.
	Polls int `json:"polls,omitempty"`
	// Origin is the sandbox time at the wall time Wall.
	Origin time.Time `json:"origin"`
	Wall   time.Time `json:"wall"`
}

// Epoch is where a clock that stands still begins: a moment of no meaning, the
// same on every run.
var Epoch = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// defaultPolls lets a client see each status once before it changes.
const defaultPolls = 2

// maxRate is the fastest clock.
const maxRate = 1_000_000

// ParseClock reads the mode of a clock as it is written on a command line:
//
//	real     the wall clock's time and pace (also the empty mode)
//	x60      from the wall clock's time on, 60 times as fast
//	frozen   stands at [Epoch] until it is advanced
//	poll     frozen, but an instance in transition moves on at every second read
//	poll=5   the same at every fifth read
func ParseClock(mode string, wall time.Time) (Clock, error) {
	switch word, polls, given := strings.Cut(mode, "="); {
	case mode == "" || mode == "real":
		return Clock{Rate: 1, Origin: wall, Wall: wall}, nil
	case mode == "frozen":
		return Clock{Origin: Epoch, Wall: wall}, nil
	case word == "poll":
		n := defaultPolls
		if given {
			var err error
			if n, err = strconv.Atoi(polls); err != nil {
				n = 0
			}
		}
		if n >= 1 {
			return Clock{Polls: n, Origin: Epoch, Wall: wall}, nil
		}
	case strings.HasPrefix(word, "x") && !given:
		if rate, err := strconv.ParseInt(word[1:], 10, 64); err == nil && rate >= 1 && rate <= maxRate {
			return Clock{Rate: rate, Origin: wall, Wall: wall}, nil
		}
	}
	return Clock{}, fmt.Errorf("%q is not a clock: use real, x60 (or any factor up to x%d), frozen, poll or poll=N", mode, maxRate)
}

// Mode is the clock's mode as [ParseClock] reads it.
func (c Clock) Mode() string {
	switch {
	case c.Polls > 0:
		return fmt.Sprintf("poll=%d", c.Polls)
	case c.Rate == 0:
		return "frozen"
	case c.Rate == 1:
		return "real"
	default:
		return fmt.Sprintf("x%d", c.Rate)
	}
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
