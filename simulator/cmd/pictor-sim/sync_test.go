package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
)

// A killed process leaves what it has written to the kernel, so killing it does
// not show that anything is on the disk. The system calls do: before an answer
// leaves, the page with what it says has been written and synced, and then the
// head of the file, which makes that page count, written and synced, too.
func TestEveryAnswerFollowsASyncThatCoversIt(t *testing.T) {
	t.Parallel()
	strace, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("REQUIRE_ALL") != "" {
			t.Fatal("strace is missing")
		}
		t.Skip("strace is missing; it is installed where REQUIRE_ALL=1")
	}
	const clients, machines = 8, 100
	dir := t.TempDir()
	file, trace := filepath.Join(dir, "pictor.db"), filepath.Join(dir, "trace")
	p := startSimulator(t, "the-key-of-this-test",
		[]string{strace, "-D", "-f", "-y", "-s", "1000000", "-e", "trace=pwrite64,fdatasync,fsync,write,writev,sendto", "-o", trace},
		"--data", file, "--credits", "1000000")
	offers, _, err := list[wire.Offer](t.Context(), p, "/gpu-instances/offers")
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]string, machines)
	var all sync.WaitGroup
	for client := range clients {
		all.Go(func() {
			for i := client; i < machines; i += clients {
				offer := offers[i]
				order := wire.InstanceCreate{Name: fmt.Sprint("machine-", i), OfferId: offer.Id, Os: offer.Os[0], GpuCount: 1, StorageGb: 10, RentalHours: 1}
				if order.Os == wire.OSWindows {
					password := "Correct-Horse-42"
					order.Password = &password
				}
				a, err := p.send(t.Context(), p.key, http.MethodPost, "/gpu-instances", order)
				var inst wire.Instance
				if err != nil || a.status != http.StatusCreated || a.into(&inst) != nil {
					t.Errorf("machine %d is answered %d %s (%v)", i, a.status, a.body, err)
					return
				}
				ids[i] = string(inst.Id)
			}
		})
	}
	all.Wait()
	p.stop(t, p.cmd.Process) // strace ends with it
	if t.Failed() {
		return
	}
	in, err := os.Open(trace)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	calls, err := readTrace(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if err := syncedBeforeAnswered(calls, file, id); err != nil {
			t.Error(err)
		}
	}
}

// The trace of one change, as it must be, and every way in which it must not.
func TestATraceInAnotherOrderIsNoticed(t *testing.T) {
	t.Parallel()
	const file, id = "/data/pictor.db", "ins_1"
	good := []string{
		`7 write(9<socket:[5]>, "HTTP/1.1 201 Created\r\n\r\n{\"id\":\"ins_0\"}", 40) = 40`,
		`8 pwrite64(6</data/pictor.db>, "...{\"id\":\"ins_1\"}...", 4096, 20480) = 4096`,
		`8 fdatasync(6</data/pictor.db> <unfinished ...>`,
		`8 <... fdatasync resumed>) = 0`,
		`8 pwrite64(6</data/pictor.db>, "head", 4096, 4096) = 4096`,
		`8 fdatasync(6</data/pictor.db>) = 0`,
		`7 write(9<socket:[5]>, "HTTP/1.1 201 Created\r\n\r\n{\"id\":\"ins_1\"}", 40) = 40`,
	}
	check := func(lines []string) error {
		calls, err := readTrace(strings.NewReader(strings.Join(lines, "\n")))
		if err != nil {
			t.Fatal(err)
		}
		return syncedBeforeAnswered(calls, file, id)
	}
	if err := check(good); err != nil {
		t.Fatalf("the good trace: %v", err)
	}
	for i := range good[1:] {
		without := append(append([]string{}, good[:i+1]...), good[i+2:]...)
		if strings.Contains(good[i+1], "unfinished") {
			continue // then the line that resumes it stands alone
		}
		if check(without) == nil {
			t.Errorf("without %q", good[i+1])
		}
	}
	for name, spoilt := range map[string]func(line string) string{
		"a sync that failed": func(l string) string {
			return strings.Replace(l, "fdatasync(6</data/pictor.db>) = 0", "fdatasync(6</data/pictor.db>) = -1 EIO (Input/output error)", 1)
		},
		"a sync of another file": func(l string) string {
			return strings.Replace(l, "fdatasync(6</data/pictor.db>", "fdatasync(6</data/other.db>", 1)
		},
		"a write to another file": func(l string) string {
			return strings.Replace(l, "pwrite64(6</data/pictor.db>", "pwrite64(6</data/other.db>", 1)
		},
		"another page for the head": func(l string) string { return strings.Replace(l, "4096, 4096)", "4096, 8192)", 1) },
	} {
		lines := []string{}
		for _, line := range good {
			lines = append(lines, spoilt(line))
		}
		if check(lines) == nil {
			t.Error(name)
		}
	}
	answer := len(good) - 1
	for i := 1; i < answer; i++ { // the answer leaves too early
		early := append(append(append([]string{}, good[:i]...), good[answer]), good[i:answer]...)
		if check(early) == nil {
			t.Errorf("answered before %q", good[i])
		}
	}
	swapped := append([]string{}, good...)
	swapped[1], swapped[4] = swapped[4], swapped[1]
	if check(swapped) == nil {
		t.Error("the head was written before the page")
	}
}

// call is a system call of a trace: when it began and when it was done, as
// numbers of lines.
type call struct {
	name, args  string
	result      string
	began, done int
}

var (
	whole   = regexp.MustCompile(`^(\d+) +(\w+)\((.*)\) += (.*)$`)
	begins  = regexp.MustCompile(`^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$`)
	resumes = regexp.MustCompile(`^(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (.*)$`)
)

func readTrace(in io.Reader) (calls []*call, err error) {
	under := map[string]*call{} // way, by process
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for n := 0; lines.Scan(); n++ {
		line := lines.Text()
		if m := begins.FindStringSubmatch(line); m != nil {
			c := &call{name: m[2], args: m[3], began: n, done: -1}
			under[m[1]] = c
			calls = append(calls, c)
		} else if m := resumes.FindStringSubmatch(line); m != nil {
			c := under[m[1]]
			if c == nil || c.name != m[2] {
				return nil, fmt.Errorf("line %d resumes what has not begun: %.200s", n+1, line)
			}
			c.args, c.result, c.done = c.args+m[3], m[4], n
		} else if m := whole.FindStringSubmatch(line); m != nil {
			calls = append(calls, &call{m[2], m[3], m[4], n, n})
		}
	}
	return calls, lines.Err()
}

// syncedBeforeAnswered says why the answer that tells of an id may have left
// before it was on disk.
func syncedBeforeAnswered(calls []*call, file, id string) error {
	answer := first(calls, -1, func(c *call) bool {
		return strings.Contains(c.args, "<socket:") && strings.Contains(c.args, "HTTP/1.1 201") && strings.Contains(c.args, id)
	})
	if answer == nil {
		return fmt.Errorf("no answer tells of %s", id)
	}
	at := -1
	for _, step := range []struct {
		what string
		is   func(c *call) bool
	}{
		{"write of its page", func(c *call) bool { return page(c, file) > 1 && strings.Contains(c.args, id) }},
		{"sync of that", func(c *call) bool { return synced(c, file) }},
		{"write of the head", func(c *call) bool { return page(c, file) == 0 || page(c, file) == 1 }},
		{"sync of that", func(c *call) bool { return synced(c, file) }},
	} {
		c := first(calls, at, step.is)
		if c == nil || c.done >= answer.began {
			return fmt.Errorf("%s was answered in line %d, before the %s was done", id, answer.began+1, step.what)
		}
		at = c.done
	}
	return nil
}

// first is the first call that began after a line and is of a kind.
func first(calls []*call, after int, is func(*call) bool) *call {
	for _, c := range calls {
		if c.began > after && is(c) {
			return c
		}
	}
	return nil
}

func synced(c *call, file string) bool {
	return (c.name == "fdatasync" || c.name == "fsync") && c.result == "0" && strings.Contains(c.args, "<"+file+">")
}

// page is where in the file a call has written, in pages; -1 if it has not.
func page(c *call, file string) int {
	args := strings.Split(c.args, ", ")
	if c.name != "pwrite64" || !strings.Contains(args[0], "<"+file+">") || c.result != args[len(args)-2] {
		return -1
	}
	offset, err := strconv.Atoi(args[len(args)-1])
	if err != nil || offset%os.Getpagesize() != 0 {
		return -1
	}
	return offset / os.Getpagesize()
}
