package tests

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
)

// held holds an answer back until its client goes, and says when it begins to.
type held struct {
	once  *sync.Once
	begun chan struct{}
}

func (h held) Hold(ctx context.Context) {
	h.once.Do(func() { close(h.begun) })
	<-ctx.Done()
}

// A run is killed while it rents: the machine is rented and no answer came. The
// audit names it, and its commands bring it into the stack.
func TestAKilledRunLosesNothing(t *testing.T) {
	t.Parallel()
	for victim, pick := range map[string]func(engine int, providers []int) []int{
		"provider": func(_ int, providers []int) []int { return providers },
		"engine":   func(engine int, _ []int) []int { return []int{engine} },
		"both":     both,
	} {
		t.Run(victim, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			p.program(machine(""))
			p.pulumi("stack", "init", "e2e")
			p.killedWhileRenting(t, pick)
			rented := only(t, p.sim)
			if victim != "provider" {
				p.pulumi("cancel", "--yes") // the lock of the file backend
			}

			report, status := p.audit(t)
			if status != 3 || !strings.Contains(report, "UNCLAIMED "+rented.Name+" ("+rented.ID+")") {
				t.Fatalf("the audit ends with %d and says:\n%s", status, report)
			}
			for _, command := range regexp.MustCompile(`(?m)^.*\s(pulumi (?:import|refresh) .*)$`).FindAllStringSubmatch(report, -1) {
				p.shell(t, command[1])
			}
			if report, status := p.audit(t); status != 0 || strings.Contains(report, "PENDING") {
				t.Errorf("afterwards the audit ends with %d and says:\n%s", status, report)
			}
			if p.resourceID("Instance") != rented.ID || only(t, p.sim).ID != rented.ID {
				t.Error("the stack does not have the machine")
			}
			p.pulumi("preview", "--expect-no-changes")
		})
	}
}

// An "up" straight after a kill rents a second machine, under a new random name:
// Pulumi keeps the name that the run before had chosen, but hands it to nobody.
// The audit names the first machine, and its command deletes that one and nothing
// that the stack has.
func TestTheAuditDeletesWhatAKilledRunLeftBehind(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.program(machine(""))
	p.pulumi("stack", "init", "e2e")
	p.killedWhileRenting(t, both)
	first := only(t, p.sim)
	p.pulumi("cancel", "--yes")
	p.pulumi("up", "--yes", "--skip-preview")
	ours := p.output("id")
	if rented := p.sim.Instances(); len(rented) != 2 || ours == first.ID {
		t.Fatalf("the stack has %s, and rented are %+v", ours, rented)
	}

	report, status := p.audit(t, "--output", "json")
	var listed struct {
		Unclaimed []struct{ ID, Name string }
	}
	if err := json.NewDecoder(strings.NewReader(report)).Decode(&listed); err != nil || status != 3 ||
		len(listed.Unclaimed) != 1 || listed.Unclaimed[0].ID != first.ID || listed.Unclaimed[0].Name != first.Name {
		t.Errorf("the audit ends with %d, %v, and says:\n%s", status, err, report)
	}
	report, status = p.audit(t)
	found := regexp.MustCompile(`(?m)^\s+(pulumi stack export \| .* --delete \S+)$`).FindStringSubmatch(report)
	if status != 3 || found == nil || strings.Contains(report, ours) ||
		!strings.Contains(report, "UNCLAIMED "+first.Name+" ("+first.ID+")") || !strings.Contains(report, "has another machine by now") {
		t.Fatalf("the audit ends with %d and says:\n%s", status, report)
	}
	if out, err := p.run(strings.Replace(found[1], "--delete ", "--delete "+ours+" #", 1)); err == nil || !strings.Contains(out, "nothing was deleted") {
		t.Errorf("a machine of the stack is deleted: %v\n%s", err, out)
	}
	p.shell(t, found[1])
	if inst := only(t, p.sim); inst.ID != ours {
		t.Errorf("%s is left, not %s", inst.ID, ours)
	}
	report, status = p.audit(t)
	pending := regexp.MustCompile(`(?m)^  then: +(pulumi refresh .*)$`).FindStringSubmatch(report)
	if status != 0 || pending == nil || strings.Contains(report, "UNCLAIMED") {
		t.Fatalf("afterwards the audit ends with %d and says:\n%s", status, report)
	}
	p.shell(t, pending[1])
	if report, status := p.audit(t); status != 0 || strings.Contains(report, "PENDING") {
		t.Errorf("in the end the audit ends with %d and says:\n%s", status, report)
	}
	p.pulumi("preview", "--expect-no-changes")
}

// both picks the engine first: one that lives long enough to see its provider die
// takes note of it, and leaves no pending operation.
func both(engine int, providers []int) []int { return append([]int{engine}, providers...) }

// killedWhileRenting runs the program and kills what pick picks once the machine
// is rented and no answer has come.
func (p *project) killedWhileRenting(t *testing.T, pick func(engine int, providers []int) []int) {
	t.Helper()
	answer := held{&sync.Once{}, make(chan struct{})}
	p.sim.Fault(fault.Plan{Operation: "createInstance", Phase: fault.After, Effect: answer})
	run := exec.Command("pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--color=never")
	run.Dir, run.Env = p.dir, p.env
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	<-answer.begun
	for _, pid := range pick(run.Process.Pid, providersOf(t, run.Process.Pid)) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) { // a provider goes when its engine has gone
			t.Fatal(err)
		}
	}
	if err := run.Wait(); err == nil {
		t.Error("the run that was killed succeeded")
	}
}

// audit holds the stack against the account.
func (p *project) audit(t *testing.T, args ...string) (report string, status int) {
	t.Helper()
	export := exec.Command("pulumi", "stack", "export")
	export.Dir, export.Env = p.dir, p.env
	state, err := export.Output()
	if err != nil {
		t.Fatal(err)
	}
	audit := exec.Command(filepath.Join(binaries, "pulumi-resource-pictor"), append([]string{"audit"}, args...)...)
	audit.Env, audit.Stdin = p.env, bytes.NewReader(state)
	out, _ := audit.CombinedOutput()
	return string(out), audit.ProcessState.ExitCode()
}

// run carries out a command as a person would who copies it.
func (p *project) run(command string) (string, error) {
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir, cmd.Env = p.dir, p.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (p *project) shell(t *testing.T, command string) {
	t.Helper()
	if out, err := p.run(command); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
}

// providersOf are the provider's processes below that of the engine, which also
// starts one to ask for the schema.
func providersOf(t *testing.T, engine int) (pids []int) {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", engine))
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		children, _ := os.ReadFile(task)
		for _, child := range strings.Fields(string(children)) {
			line, _ := os.ReadFile("/proc/" + child + "/cmdline")
			if pid, err := strconv.Atoi(child); err == nil && strings.Contains(string(line), "pulumi-resource-pictor") {
				pids = append(pids, pid)
			}
		}
	}
	if len(pids) == 0 {
		t.Fatal("the engine has started no provider")
	}
	return pids
}
