//go:build linux

// Command simbench measures how fast pictor-sim is next to a bare echo handler
// with a map, a mutex and encoding/json, in the same run on the same machine,
// and holds the result against the project's goals.
//
//	simbench --sim .bin/pictor-sim --dir .bin [--check] [--json FILE]
//
// Servers are processes of their own. The simulator runs in its default
// configuration, so with authentication, validation and clock, once in memory
// and once with --data on a real disk. Two things differ from the defaults, so
// that there is something to rent: the market has many hosts and the account
// many credits; and machines boot in a millisecond, so that the measurement
// need not wait for them.
//
// Client and server share the processors. So the client is as light as it can
// be (see connection.go), its cost is the same for every server, and the
// servers take turns in short rounds, so that a machine that becomes slower
// hits all of them, and it is printed what share of the processors went to
// others. What is printed is the median of the rounds; a ratio is the
// median of the rounds' own ratios.
//
// It needs Linux, whose /proc has memory and processor time of the servers.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

type options struct {
	sim         string
	dir         string
	loads       string
	connections int
	rounds      int
	duration    time.Duration
	warmup      time.Duration
	hosts       int
	starts      int
	big         int
	noDurable   bool
	json        string
	check       bool
}

func main() {
	if len(os.Args) == 4 && os.Args[1] == baselineCommand { // started by ourselves
		fail(serveBaseline(os.Args[3]))
	}
	var o options
	f := flag.NewFlagSet("simbench", flag.ExitOnError)
	f.StringVar(&o.sim, "sim", ".bin/pictor-sim", "the simulator's `program`")
	f.StringVar(&o.dir, "dir", ".", "an existing `folder` on a real disk: data files go into a temporary folder in it")
	f.StringVar(&o.loads, "loads", "read,list,create,create+token,mixed", "the `loads` to measure")
	f.IntVar(&o.connections, "connections", 64, "`number` of connections, each with one request under way")
	f.IntVar(&o.rounds, "rounds", 3, "`number` of rounds in which the servers take turns")
	f.DurationVar(&o.duration, "duration", 3*time.Second, "how long a server is measured in a round")
	f.DurationVar(&o.warmup, "warmup", time.Second, "how long it is under load before that")
	f.IntVar(&o.hosts, "hosts", 80_000, "`number` of hosts in the market; each create takes a GPU")
	f.IntVar(&o.starts, "starts", 10, "`number` of starts to measure; 0 leaves them out")
	f.IntVar(&o.big, "big", 100_000, "`number` of instances in the big sandbox; 0 leaves it out")
	f.BoolVar(&o.noDurable, "no-durable", false, "leave out what needs pictor-sim serve --data")
	f.StringVar(&o.json, "json", "", "write the report as JSON to this `file`, too; - writes it to stdout in place of the tables")
	f.BoolVar(&o.check, "check", false, "exit with status 1 when a goal is missed")
	_ = f.Parse(os.Args[1:]) // exits when it fails
	if f.NArg() > 0 {
		f.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	report, err := o.measure(ctx)
	if err == nil {
		err = report.write(os.Stdout, o.json)
	}
	fail(err)
	if o.check && slices.ContainsFunc(report.Goals, func(g Goal) bool { return !g.OK }) {
		os.Exit(1)
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "simbench:", err)
		os.Exit(1)
	}
}

// measure does everything, one thing after the other.
func (o options) measure(ctx context.Context) (*Report, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(o.dir, ".simbench-*")
	if err != nil {
		return nil, fmt.Errorf("--dir %s: cannot make a folder for data files: %w", o.dir, err)
	}
	defer os.RemoveAll(folder)

	b := &bench{options: o, folder: folder, progress: os.Stderr}
	r := &Report{Setup: o.setup(ctx)}
	if r.Disk, err = measureDisk(folder); err != nil {
		return nil, err
	}
	if b.durable, err = b.canBeDurable(ctx); err != nil {
		return nil, err
	}
	if b.offers, err = b.learnMarket(ctx); err != nil {
		return nil, err
	}
	for _, l := range b.selected() {
		results, err := b.compare(ctx, l)
		if err != nil {
			return nil, fmt.Errorf("load %s: %w", l.name, err)
		}
		r.Loads = append(r.Loads, results...)
	}
	if o.starts > 0 {
		if r.Starts, err = b.measureStarts(ctx); err != nil {
			return nil, fmt.Errorf("starts: %w", err)
		}
	}
	if o.big > 0 {
		if r.Big, err = b.measureBig(ctx); err != nil {
			return nil, fmt.Errorf("%d instances: %w", o.big, err)
		}
	}
	r.Goals = judge(r)
	return r, nil
}

func (o options) validate() error {
	if o.connections < 1 || o.rounds < 1 || o.duration <= 0 || o.warmup < 0 || o.hosts < 1 || o.starts < 0 || o.big < 0 {
		return errors.New("--connections, --rounds, --duration and --hosts must be above 0; --warmup, --starts and --big not below")
	}
	for name := range strings.SplitSeq(o.loads, ",") {
		if !slices.ContainsFunc(loads, func(l load) bool { return l.name == name }) {
			return fmt.Errorf("--loads %s: %q is not read, list, create or mixed", o.loads, name)
		}
	}
	return nil
}

// bench is a run.
type bench struct {
	options
	folder   string // for ready files and data files
	durable  bool   // the simulator with --data takes part
	offers   []string
	progress io.Writer
}

// say tells who waits what is going on.
func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.progress, format+"\n", args...) }

func (b *bench) selected() (all []load) {
	for _, l := range loads {
		if slices.Contains(strings.Split(b.loads, ","), l.name) {
			all = append(all, l)
		}
	}
	return all
}
