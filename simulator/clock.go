package simulator

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// Clock is the mode of a sandbox's clock, as it is written on a command line:
//
//	real     the wall clock's time and pace (also the empty Clock)
//	x60      from the wall clock's time on, 60 times as fast
//	frozen   stands at [Epoch] until it is advanced
//	poll     frozen, but an instance in transition moves on at every second read
//	poll=5   the same at every fifth read
type Clock string

// Epoch is where a frozen clock stands at first: a moment of no meaning, the
// same on every run.
var Epoch = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// defaultPolls lets a client see each status once before it changes.
const defaultPolls = 2

func (c Clock) engine(wall time.Time) (engine.Clock, error) {
	switch mode, polls, given := strings.Cut(string(c), "="); {
	case c == "" || c == "real":
		return engine.Clock{Rate: 1, Origin: wall, Wall: wall}, nil
	case c == "frozen":
		return engine.Clock{Origin: Epoch, Wall: wall}, nil
	case mode == "poll":
		n := defaultPolls
		if given {
			n, _ = strconv.Atoi(polls)
		}
		if n >= 1 {
			return engine.Clock{Polls: n, Origin: Epoch, Wall: wall}, nil
		}
	case strings.HasPrefix(mode, "x") && !given:
		if rate, err := strconv.ParseInt(mode[1:], 10, 64); err == nil && rate >= 1 && rate <= 1_000_000 {
			return engine.Clock{Rate: rate, Origin: wall, Wall: wall}, nil
		}
	}
	return engine.Clock{}, fmt.Errorf("%q is not a clock: use real, x60 (or any factor up to x1000000), frozen, poll or poll=N", c)
}
