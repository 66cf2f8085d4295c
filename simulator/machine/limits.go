package machine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// Limits bound what those who log in can take. A zero field means its default.
type Limits struct {
	// Machines is how many can be logged in to, those that are stopped and have
	// files included (256). The API shows the others at an address where nobody
	// answers.
	Machines int
	// Connections is how many are open at once (128).
	Connections int
	// Programs is how many run at once (8); others wait.
	Programs int
	// Time is how long a program may run (30 s, of real time), the time that it
	// waits for its input included.
	Time time.Duration
	// Steps is how many commands a program may carry out (10,000).
	Steps int
	// Bytes is how much a program may write, read and put into words (4 MiB).
	Bytes int
}

func (l Limits) withDefaults() Limits {
	return Limits{
		Machines:    cmp.Or(l.Machines, 256),
		Connections: cmp.Or(l.Connections, 128),
		Programs:    cmp.Or(l.Programs, 8),
		Time:        cmp.Or(l.Time, 30*time.Second),
		Steps:       cmp.Or(l.Steps, 10_000),
		Bytes:       cmp.Or(l.Bytes, 4<<20),
	}
}

// Limits that are not to be chosen.
const (
	maxSource    = 16 << 10  // of a program's text
	maxValue     = 16 << 10  // of a variable and of what a command substitution gives
	maxVariables = 256       // of a program
	maxDepth     = 32        // of shells in shells
	maxFile      = 256 << 10 // of a file
	maxFiles     = 1 << 20   // of all files of a machine
	maxEntries   = 512       // files and directories of a machine
	maxSessions  = 8         // of a connection
	longestSleep = time.Second
)

// budget is what is left for a program and all that it starts.
type budget struct {
	ctx   context.Context
	steps atomic.Int64
	bytes atomic.Int64
}

func newBudget(ctx context.Context, l Limits) *budget {
	b := &budget{ctx: ctx}
	b.steps.Store(int64(l.Steps))
	b.bytes.Store(int64(l.Bytes))
	return b
}

// step takes one command, and answers why there may be none any more.
func (b *budget) step() error {
	switch {
	case b.ctx.Err() != nil:
		return fmt.Errorf("the simulated machine's time limit: %w", b.ctx.Err())
	case b.bytes.Load() < 0:
		return errTooMuch
	case b.steps.Add(-1) < 0:
		return errors.New("the simulated machine's limit of commands in a program is reached")
	}
	return nil
}

var errTooMuch = errors.New("the simulated machine's limit of data in a program is reached")

// take takes bytes; false when there are not as many left.
func (b *budget) take(n int) bool { return b.bytes.Add(-int64(n)) >= 0 }

// metered lets through what the budget has left.
type metered struct {
	to     io.Writer
	budget *budget
}

func (m metered) Write(p []byte) (int, error) {
	if !m.budget.take(len(p)) {
		return 0, errTooMuch
	}
	return m.to.Write(p)
}
