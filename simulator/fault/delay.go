package fault

import (
	"context"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// Delay holds the request up before it is carried out, or its answer after. A
// request whose client goes away meanwhile is not carried out; [Late] is for
// those that are.
type Delay struct {
	// By is a duration of wall-clock time, at most a minute.
	By Duration `json:"by"`
}

func (Delay) kind() string { return "delay" }

func (d Delay) check(bad engine.Fields) { d.By.between(bad, "by", time.Microsecond, longestHold) }

// Hold waits.
func (d Delay) Hold(ctx context.Context) { wait(ctx, d.By) }

// wait returns when a duration has passed or the context has ended.
func wait(ctx context.Context, d Duration) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(d))
	defer cancel()
	<-ctx.Done()
}
