//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
)

// Report is everything that was measured.
type Report struct {
	Setup  Setup    `json:"setup"`
	Disk   Disk     `json:"disk"`
	Loads  []Result `json:"loads"`
	Starts []Starts `json:"starts,omitempty"`
	Big    *Big     `json:"big,omitempty"`
	Goals  []Goal   `json:"goals"`
}

// Setup is what was measured, and how.
type Setup struct {
	Simulator       string  `json:"simulator"`
	Go              string  `json:"go"`
	CPUs            int     `json:"cpus"`
	Connections     int     `json:"connections"`
	Rounds          int     `json:"rounds"`
	WarmupSeconds   float64 `json:"warmup_seconds"`
	DurationSeconds float64 `json:"duration_seconds"`
	Instances       int     `json:"instances"`
}

func (o options) setup(ctx context.Context) Setup {
	version, err := exec.CommandContext(ctx, o.sim, "--version").Output()
	if err != nil {
		version = []byte(o.sim) // that it cannot be run comes out at once
	}
	return Setup{
		Simulator: strings.TrimSpace(string(version)), Go: runtime.Version(), CPUs: runtime.NumCPU(),
		Connections: o.connections, Rounds: o.rounds, WarmupSeconds: o.warmup.Seconds(), DurationSeconds: o.duration.Seconds(),
		Instances: perConnection * o.connections,
	}
}

// write writes the tables, and the JSON to where it is wanted.
func (r *Report) write(out io.Writer, jsonFile string) error {
	if jsonFile == "" {
		return r.writeTables(out)
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	data = append(data, '\n')
	if jsonFile == "-" {
		_, err = out.Write(data)
		return err
	}
	if err := os.WriteFile(jsonFile, data, 0o666); err != nil {
		return fmt.Errorf("--json: %w", err)
	}
	return r.writeTables(out)
}

func (r *Report) writeTables(out io.Writer) error {
	s, d := r.Setup, r.Disk
	fmt.Fprintf(out, `%s, %s, %d CPUs shared by client and server
%d connections, %d instances at first; medians of %d rounds of %.3g s after %.3g s of warm-up
data files in %s (%s): 4 KiB written and synced (fdatasync) in %.2f ms (median), %.2f ms (p99 of %d)

`, s.Simulator, s.Go, s.CPUs, s.Connections, s.Instances, s.Rounds, s.DurationSeconds, s.WarmupSeconds,
		d.Folder, d.Filesystem, d.MedianMS, d.P99MS, d.Writes)

	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "LOAD\tSERVER\t REQ/S\tP50 MS\tP99 MS\tCPU S/1000\tCLIENT'S\tOTHERS\tRSS MB\tPEAK MB\tBYTES\tOF BARE ECHO\tBY CPU\tOF MEMORY")
	for _, l := range r.Loads {
		fmt.Fprintf(table, "%s\t%s\t%6.0f\t%6.2f\t%6.2f\t%10.4f\t%8.4f\t%5.0f%%\t%6.0f\t%7.0f\t%5.0f\t%12s\t%6s\t%9s\n", l.Load, l.Server,
			l.RequestsPerSecond, l.P50MS, l.P99MS, l.CPUPer1000, l.ClientCPUPer1000, l.OthersPercent, l.ResidentMB, l.PeakMB, l.BytesPerAnswer,
			orDash(l.OfBareEcho), orDash(l.ByCPU), orDash(l.OfMemory))
	}
	if most := r.mostDisturbed(); most > tolerable {
		fmt.Fprintf(table, "\nOther processes took up to %.0f%% of the processors: measure again when the machine is quiet.\n", most)
	}
	if len(r.Starts) > 0 {
		fmt.Fprintln(table, "\nSTART UNTIL THE FIRST ANSWER\tMEDIAN MS\tLONGEST MS")
	}
	for _, s := range r.Starts {
		fmt.Fprintf(table, "%s\t%9.1f\t%10.1f\n", s.Server, s.MedianMS, slices.Max(s.EachMS))
	}
	if b := r.Big; b != nil {
		fmt.Fprintf(table, "\n%d INSTANCES\tP50 MS WITH %d\tWITH ALL\tRATIO\n", b.Instances, few)
		for _, g := range b.Requests {
			fmt.Fprintf(table, "%s\t%15.3f\t%8.3f\t%5.2f\n", g.Request, g.FewMS, g.ManyMS, g.Ratio)
		}
		fmt.Fprintf(table, "\ncreated in %.1f s; resident memory %.0f MB, at its highest %.0f MB\n", b.CreationSeconds, b.ResidentMB, b.PeakMB)
	}
	fmt.Fprintln(table, "\nGOAL\tWANTED\tMEASURED")
	for _, g := range r.Goals {
		sign, verdict := "at least", "MISSED"
		if g.AtMost {
			sign = "at most"
		}
		if g.OK {
			verdict = "ok"
		}
		fmt.Fprintf(table, "%s\t%s %g %s\t%8.2f\t%s\n", g.What, sign, g.Bound, g.Unit, g.Measured, verdict)
	}
	return table.Flush()
}

// tolerable is how much of the processors' time, in percent, others may take.
const tolerable = 10

// mostDisturbed is the most that others took of the processors in any round.
func (r *Report) mostDisturbed() (most float64) {
	for _, l := range r.Loads {
		for _, s := range l.Rounds {
			most = max(most, s.OthersPercent)
		}
	}
	return most
}

func orDash(ratio float64) string {
	if ratio == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", ratio)
}
