package provider_test

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"golang.org/x/crypto/ssh"

	"github.com/pulumi-pictor/pulumi-pictor/provider"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// reachable waits until SSH answers.
var reachable = with(trainer, props{"waitFor": text("ssh")})

// wantHostKey fails unless the state has the key of the machine's SSH server.
func wantHostKey(t *testing.T, s *stack, r *res) {
	t.Helper()
	key := s.sim.HostKey(r.id)
	wantText(t, r.state, "sshHostKey", strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))))
	wantText(t, r.state, "sshHostKeyFingerprint", ssh.FingerprintSHA256(key))
}

func TestAProgramThatWaitsForSSHGetsTheHostKey(t *testing.T) {
	t.Parallel()
	s := newStack(t, simtest.Machines())
	// It runs, and lets nobody in for a while: every attempt lets time pass.
	refused := s.sim.Fault(fault.Plan{Effect: fault.SSHRefused{For: fault.Duration(time.Second)}})
	preview, err := s.previewCreate(instanceType, "trainer", reachable)
	if err != nil || !preview.Get("sshHostKey").IsComputed() {
		t.Errorf("the preview shows the host key %v, %v", preview.Get("sshHostKey"), err)
	}
	r := s.mustCreate(instanceType, "trainer", reachable)
	fired(t, refused)
	wantText(t, r.state, "status", "running")
	wantHostKey(t, s, r)
	s.noDiff(r, reachable)

	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	wantHostKey(t, s, r)
	s.noDiff(r, reachable)

	asleep := with(reachable, props{"desiredStatus": text("stopped")})
	if err := s.update(r, asleep); err != nil {
		t.Fatal(err)
	}
	if key := r.state.Get("sshHostKey"); key.IsString() {
		t.Errorf("a stopped machine has the host key %v", key)
	}
	s.noDiff(r, asleep)
	if err := s.update(r, reachable); err != nil {
		t.Fatal(err)
	}
	wantHostKey(t, s, r)
	s.noDiff(r, reachable)
}

func TestWaitForSSHThatIsAskedForLaterIsRecordedForTheNextStart(t *testing.T) {
	t.Parallel()
	s := newStack(t, simtest.Machines())
	r := s.mustCreate(instanceType, "trainer", trainer)
	if key := r.state.Get("sshHostKey"); key.IsString() {
		t.Errorf("nobody waited for SSH, and the host key is %v", key)
	}
	s.sent.take()
	if err := s.update(r, reachable); err != nil {
		t.Fatal(err)
	}
	if asked := s.sent.take(); len(asked) > 0 {
		t.Errorf("recording it asked %v", asked)
	}
	s.noDiff(r, reachable)
	if err := s.update(r, with(reachable, props{"desiredStatus": text("stopped")})); err != nil {
		t.Fatal(err)
	}
	if err := s.update(r, reachable); err != nil {
		t.Fatal(err)
	}
	wantHostKey(t, s, r)
	s.noDiff(r, reachable)
}

// walled lets no connection through until it is told to.
type walled struct{ open atomic.Bool }

func (w *walled) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if !w.open.Load() {
		return nil, &net.OpError{Op: "dial", Net: network, Err: net.UnknownNetworkError("a wall is in between")}
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

func TestAMachineThatCannotBeReachedStaysInTheStateAndTheNextRunGoesOn(t *testing.T) {
	t.Parallel()
	sim, wall := simtest.New(t, simtest.Machines()), &walled{}
	s := serve(t, provider.Options{Clock: &restless{}, Dialer: wall})
	s.sim = sim
	s.configure(map[string]property.Value{"endpoint": text(sim.Endpoint), "apiKey": text(sim.APIKey)})
	s.timeout = 1
	r, err := s.create(instanceType, "trainer", reachable)
	wantError(t, err, "is running, but SSH at 127.0.0.1:", "a wall is in between", "credits so far", "goes on waiting")
	if r == nil || r.id != onlyInstance(t, sim).ID {
		t.Fatalf("the machine is not in the state: %+v", r)
	}
	if err := s.refresh(r); err != nil { // the engine forgets that it failed
		t.Fatal(err)
	}
	d, checked, err := s.diff(r, reachable)
	if err != nil || d.DetailedDiff["sshHostKey"].Kind != p.Update {
		t.Errorf("the next run does not wait for SSH: %+v, %v", d, err)
	}
	if key := s.previewUpdate(r, checked).Get("sshHostKey"); !key.IsComputed() {
		t.Errorf("its preview knows the host key already: %v", key)
	}
	wall.open.Store(true)
	s.timeout = 0
	if err := s.update(r, reachable); err != nil {
		t.Fatal(err)
	}
	wantHostKey(t, s, r)
	s.noDiff(r, reachable)
}

func TestAMachineThatDiesWhileSSHIsWaitedFor(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t, simtest.Machines())
	s := serve(t, provider.Options{Clock: &restless{}, Dialer: deadly{t, sim}})
	s.configure(map[string]property.Value{"endpoint": text(sim.Endpoint), "apiKey": text(sim.APIKey)})
	r, err := s.create(instanceType, "trainer", reachable)
	wantError(t, err, "is error:", "replaces it")
	if r == nil {
		t.Fatal("the machine is not in the state")
	}
}

// deadly kills the machine that it was to connect to.
type deadly struct {
	t   *testing.T
	sim *simtest.Sim
}

func (d deadly) DialContext(context.Context, string, string) (net.Conn, error) {
	d.sim.Do(d.t, func(w *engine.World) error {
		for _, inst := range w.Instances(func(i *engine.Instance) bool { return i.Status == engine.StatusRunning }) {
			if err := w.KillHost(inst.ID, 0); err != nil {
				return err
			}
		}
		return nil
	})
	return nil, net.ErrClosed
}

func TestAProgramThatWaitsForNothingIsDoneOnceItIsRented(t *testing.T) {
	t.Parallel()
	s := newStack(t, simtestFrozen)
	unwaited := with(trainer, props{"waitFor": text("none")})
	r := s.mustCreate(instanceType, "trainer", unwaited)
	wantText(t, r.state, "status", "pending")
	s.noDiff(r, unwaited)
	if d, _, err := s.diff(r, trainer); err != nil || !d.HasChanges {
		t.Errorf("to wait for it now is nothing to do: %+v, %v", d, err)
	}
	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	s.noDiff(r, unwaited)
	s.sim.RunUntil(r.id, engine.StatusRunning)
	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	wantText(t, r.state, "status", "running")
	s.noDiff(r, unwaited)
	if err := s.update(r, with(unwaited, props{"desiredStatus": text("stopped")})); err != nil {
		t.Fatal(err)
	}
	if now := onlyInstance(t, s.sim).Status; now != engine.StatusStopping {
		t.Errorf("it is %s, not told to stop and left alone", now)
	}
}
