package fault

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// Late lets a request be carried out only when its client has given up: the
// client gets nothing until it goes away, or until By has passed and the
// connection is reset.
type Late struct {
	// By is a duration of wall-clock time, at most a minute; 0 means ten seconds.
	By Duration `json:"by,omitempty"`
}

func (Late) kind() string { return "late" }

func (l Late) check(bad engine.Fields) { l.By.between(bad, "by", 0, longestHold) }

// Hold waits for the client to go.
func (l Late) Hold(ctx context.Context) { wait(ctx, cmp.Or(l.By, Duration(10*time.Second))) }

// Answer resets the connection, if it is still there.
func (Late) Answer(w http.ResponseWriter, real Answer) error { return Reset{}.Answer(w, real) }
