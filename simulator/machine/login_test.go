package machine_test

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/machine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

func TestMachinesAreOffByDefault(t *testing.T) {
	t.Parallel()
	g := &guest{simtest.New(t, simtest.Clock("frozen")), t}
	_, key := g.newKey("laptop")
	if at := g.connection(g.running(key)); at == nil || at.Port != 22 || !strings.HasPrefix(at.Host, "198.") {
		t.Errorf("the API shows %+v", at)
	}
}

func TestTheAPIShowsWhereToLogIn(t *testing.T) {
	t.Parallel()
	g := newGuest(t)
	_, key := g.newKey("laptop")
	id := g.running(key)
	at := g.connection(id)
	_, port, _ := net.SplitHostPort(address(at.Port))
	if at.Protocol != "ssh" || at.Host != "127.0.0.1" || at.Username != "root" || at.Command != "ssh -p "+port+" root@127.0.0.1" {
		t.Errorf("the API shows %+v", at)
	}
	if again := g.connection(id); *again != *at {
		t.Errorf("then it shows %+v, before %+v", again, at)
	}
}

func TestOnlyRootWithTheInstancesKeysIsLetIn(t *testing.T) {
	t.Parallel()
	g := newGuest(t)
	laptop, laptopID := g.newKey("laptop")
	desktop, desktopID := g.newKey("desktop")
	id := g.running(laptopID)
	if r := run(t, g.login(id, laptop), "whoami"); r.out != "root\n" || r.status != 0 {
		t.Errorf("whoami: %+v", r)
	}
	refused := func(what, user string, signer ssh.Signer) {
		t.Helper()
		if client, err := g.dial(id, user, signer); err == nil {
			client.Close()
			t.Errorf("%s is let in", what)
		} else if !strings.Contains(err.Error(), "unable to authenticate") {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("another key of the account", "root", desktop)
	refused("a foreign key", "root", newSigner(t))
	refused("another user", "ubuntu", laptop)

	// Keys change while it runs.
	set := func(ids ...string) {
		g.do(func(w *engine.World) error { _, err := w.SetSSHKeys(id, ids); return err })
	}
	set(laptopID, desktopID)
	g.login(id, desktop)
	set(desktopID)
	g.login(id, desktop)
	refused("a key that was taken away", "root", laptop)
	set()
	refused("the last key that was taken away", "root", desktop)
}

func TestTheHostKeyComesFromTheSeed(t *testing.T) {
	t.Parallel()
	one, same, other := newGuest(t, simtest.Seed(5)), newGuest(t, simtest.Seed(5)), newGuest(t, simtest.Seed(6))
	key := string(one.HostKey("ins_1").Marshal())
	if string(same.HostKey("ins_1").Marshal()) != key {
		t.Error("a machine of the same seed has another key")
	}
	if string(other.HostKey("ins_1").Marshal()) == key || string(one.HostKey("ins_2").Marshal()) == key {
		t.Error("another machine has the same key")
	}
	var shown ssh.PublicKey
	signer, id := one.newKey("laptop")
	inst := one.running(id)
	client, err := dialPort(one.port(inst), "root", signer, func(_ string, _ net.Addr, key ssh.PublicKey) error { shown = key; return nil })
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if string(shown.Marshal()) != string(one.HostKey(inst).Marshal()) {
		t.Error("the machine shows another key than the one that is to be expected")
	}
	if got := string(client.ServerVersion()); got != "SSH-2.0-pictor-sim" {
		t.Errorf("the server calls itself %q", got)
	}
}

// hangsUp tells whether a machine takes a connection and closes it without a word.
func hangsUp(t *testing.T, port int) bool {
	t.Helper()
	conn, err := net.Dial("tcp", address(port))
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	defer conn.Close()
	said, err := io.ReadAll(io.LimitReader(conn, 1))
	return len(said) == 0 && (err == nil || errors.Is(err, syscall.ECONNRESET))
}

func refusesConnections(port int) bool {
	conn, err := net.Dial("tcp", address(port))
	if err == nil {
		conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

func TestAMachineThatRunsIsNotYetReachable(t *testing.T) {
	t.Parallel()
	g := newGuest(t)
	signer, key := g.newKey("laptop")
	id := g.rent("L4", 1, key)
	g.do(func(w *engine.World) error { return w.DelaySSH(id, 90*time.Second) })
	for g.connection(id) == nil {
		g.Advance(time.Second) // until it runs
	}
	port := g.port(id)
	if !hangsUp(t, port) {
		t.Error("it talks at once")
	}
	g.Advance(88 * time.Second)
	if !hangsUp(t, port) {
		t.Error("it talks before the delay has passed")
	}
	g.Advance(2 * time.Second)
	if g.port(id) != port {
		t.Error("it has moved")
	}
	if r := run(t, g.login(id, signer), "true"); r.status != 0 {
		t.Errorf("true: %+v", r)
	}
}

// With a clock that moves when it is looked at, trying again is enough.
func TestALoginThatComesTooEarlyMovesThePollClock(t *testing.T) {
	t.Parallel()
	g := newGuest(t, simtest.Clock("poll=2"))
	signer, key := g.newKey("laptop")
	id := g.rent("L4", 1, key)
	g.do(func(w *engine.World) error { return w.DelaySSH(id, 90*time.Second) })
	for g.connection(id) == nil {
		continue // each look brings it on
	}
	port := g.port(id)
	for range 2 {
		if !hangsUp(t, port) {
			t.Error("it talks too early")
		}
	}
	g.login(id, signer)
}

func TestStopAndStart(t *testing.T) {
	t.Parallel()
	g := newGuest(t)
	signer, key := g.newKey("laptop")
	id := g.running(key)
	before := g.port(id)
	client := g.login(id, signer)
	run(t, client, "echo kept > /root/note")

	g.do(func(w *engine.World) error { _, err := w.Stop(id); return err })
	if at := g.connection(id); at != nil {
		t.Errorf("stopped it shows %+v", at)
	}
	if err := client.Wait(); err == nil {
		t.Error("the connection ended in order")
	}
	if !refusesConnections(before) {
		t.Error("the port is still open")
	}
	g.Advance(time.Hour)
	g.do(func(w *engine.World) error { _, err := w.Start(id); return err })
	g.Advance(time.Hour)
	if after := g.port(id); after == before {
		t.Errorf("started it has the same port, %d", after)
	}
	if r := run(t, g.login(id, signer), "cat note"); r.out != "kept\n" {
		t.Errorf("the file is %+v", r)
	}
}

// Nobody looks while it stops and starts, and while it expires.
func TestADoorNoticesThatTheWorldHasMovedOn(t *testing.T) {
	t.Parallel()
	g := newGuest(t)
	signer, key := g.newKey("laptop")
	id := g.running(key)
	before := g.port(id)
	g.do(func(w *engine.World) error { _, err := w.Stop(id); return err })
	g.Advance(time.Hour)
	g.do(func(w *engine.World) error { _, err := w.Start(id); return err })
	g.Advance(time.Hour)
	if !hangsUp(t, before) {
		t.Error("the old port leads to the new run of the machine")
	}
	client := g.login(id, signer)
	now := g.port(id)
	if now == before || !refusesConnections(before) {
		t.Errorf("the ports are %d and before %d", now, before)
	}
	g.Advance(10 * time.Hour) // it has expired
	session, err := client.NewSession()
	if err == nil {
		err = session.Run("true")
	}
	if err == nil {
		t.Error("a machine that has expired carries out a command")
	}
	if !refusesConnections(now) {
		t.Error("its port is still open")
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	g := newGuest(t)
	signer, key := g.newKey("laptop")
	id := g.running(key)
	port, client := g.port(id), g.login(id, signer)
	g.do(func(w *engine.World) error { _, err := w.Delete(id); return err })
	g.connection(id)
	if err := client.Wait(); err == nil || !refusesConnections(port) {
		t.Errorf("after the delete the connection ended with %v", err)
	}
	g.Advance(time.Hour)
	if at := g.connection(id); at != nil {
		t.Errorf("deleted it shows %+v", at)
	}
}

func TestWindowsIsAsBefore(t *testing.T) {
	t.Parallel()
	g := newGuest(t)
	var id string
	g.do(func(w *engine.World) error {
		for _, o := range w.Offers(func(o *engine.Offer) bool { return o.GPUModel == "RTX 3090" && o.GPUsAvailable > 0 }) {
			inst, err := w.Rent(engine.RentRequest{
				Name: "desktop", Password: "Correct-Horse-9",
				Spec: engine.Spec{OfferID: o.ID, OS: engine.Windows, GPUCount: 1, StorageGB: 100, RentalHours: 5},
			})
			id = inst.ID
			return err
		}
		return errors.New("no host has Windows")
	})
	g.Advance(time.Hour)
	if at := g.connection(id); at == nil || at.Protocol != "rdp" || at.Port != 3389 || strings.HasPrefix(at.Host, "127.") {
		t.Errorf("it is reached by %+v", at)
	}
}

// The machines of two sandboxes with the same seed have the same ids and are
// still two.
func TestSandboxesAreApart(t *testing.T) {
	t.Parallel()
	sandboxes, machines := standAlone(t, machine.Limits{})
	one, signer, id := tenant(t, sandboxes)
	two, foreign, same := tenant(t, sandboxes)
	if id != same {
		t.Fatalf("the ids are %s and %s", id, same)
	}
	first, _, _ := machines.Login(one, id)
	second, _, _ := machines.Login(two, id)
	client := mustDial(t, first, signer)
	run(t, client, "echo secret > note")
	if _, err := dialPort(second, "root", signer, ssh.InsecureIgnoreHostKey()); err == nil {
		t.Error("a neighbour is let in")
	}
	if r := run(t, mustDial(t, second, foreign), "cat note"); r.status == 0 {
		t.Errorf("the neighbour's file is %+v", r)
	}
	// A reset takes the machine away at once, without anybody looking.
	if err := one.Reset(); err != nil {
		t.Fatal(err)
	}
	if err := client.Wait(); err == nil {
		t.Error("the connection ended in order")
	}
	if _, _, ok := machines.Login(one, id); ok {
		t.Error("it can be logged in to after the reset")
	}
	if err := sandboxes.Delete(two.ID()); err != nil {
		t.Fatal(err)
	}
	if _, _, ok := machines.Login(two, id); ok {
		t.Error("it can be logged in to after its sandbox was deleted")
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	sandboxes, machines := standAlone(t, machine.Limits{Machines: 2, Connections: 2})
	a, signer, id := tenant(t, sandboxes)
	b, _, _ := tenant(t, sandboxes)
	c, _, _ := tenant(t, sandboxes)
	port, _, _ := machines.Login(a, id)
	machines.Login(b, id)
	if _, _, ok := machines.Login(c, id); ok {
		t.Error("there are three machines")
	}
	if err := b.Reset(); err != nil {
		t.Fatal(err)
	}
	if _, _, ok := machines.Login(c, id); !ok {
		t.Error("the machine that is gone makes no room")
	}
	mustDial(t, port, signer)
	last := mustDial(t, port, signer)
	if !hangsUp(t, port) {
		t.Error("there are three connections")
	}
	for range 8 {
		if _, err := last.NewSession(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := last.NewSession(); err == nil {
		t.Error("a connection has nine sessions")
	}
	if _, err := last.Dial("tcp", address(port)); err == nil {
		t.Error("the machine forwards")
	}
}

func TestTheEndOfTheSimulatorEndsAll(t *testing.T) {
	t.Parallel()
	sandboxes, machines := standAlone(t, machine.Limits{})
	sandbox, signer, id := tenant(t, sandboxes)
	port, _, _ := machines.Login(sandbox, id)
	client := mustDial(t, port, signer)
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := session.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := session.Start("cat"); err != nil { // which waits for its input
		t.Fatal(err)
	}
	machines.Close()
	if client.Wait() == nil || !refusesConnections(port) {
		t.Error("the machine is still there")
	}
	if _, _, ok := machines.Login(sandbox, id); ok {
		t.Error("a new one is opened")
	}
	machines.Close() // again, for the clean-up too
}

// The host key and the keys of the account outlive a restart of the simulator.
func TestRestart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "data")
	sandboxes, err := store.Open(store.Config{File: file})
	if err != nil {
		t.Fatal(err)
	}
	machines := machine.New(machine.Config{})
	sandbox, signer, id := tenant(t, sandboxes)
	port, _, _ := machines.Login(sandbox, id)
	mustDial(t, port, signer)
	machines.Close()
	if err := sandboxes.Close(); err != nil {
		t.Fatal(err)
	}

	sandboxes, err = store.Open(store.Config{File: file})
	if err != nil {
		t.Fatal(err)
	}
	defer sandboxes.Close()
	machines = machine.New(machine.Config{})
	defer machines.Close()
	port, _, _ = machines.Login(sandboxes.First(), id)
	client, err := dialPort(port, "root", signer, ssh.FixedHostKey(machine.HostKey(3, id)))
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
}

// standAlone is machines without an API before them.
func standAlone(t *testing.T, limits machine.Limits) (*store.Store, *machine.Machines) {
	t.Helper()
	sandboxes, err := store.Open(store.Config{})
	if err != nil {
		t.Fatal(err)
	}
	machines := machine.New(machine.Config{Limits: limits})
	t.Cleanup(machines.Close)
	return sandboxes, machines
}

// tenant is a sandbox with a machine that runs, and a key that is let in.
func tenant(t *testing.T, sandboxes *store.Store) (*store.Sandbox, ssh.Signer, string) {
	t.Helper()
	sandbox, _, err := sandboxes.Create(store.Settings{Seed: 3, Clock: "frozen", Credits: 100 * engine.Credit}, "")
	if err != nil {
		t.Fatal(err)
	}
	signer := newSigner(t)
	var id string
	err = sandbox.Update(func(w *engine.World) error {
		key, err := w.AddSSHKey("laptop", string(ssh.MarshalAuthorizedKey(signer.PublicKey())))
		if err != nil {
			return err
		}
		offer := w.Offers(func(o *engine.Offer) bool { return o.GPUModel == "L4" && o.GPUsAvailable > 0 })[0]
		inst, err := w.Rent(engine.RentRequest{
			Name: "trainer", SSHKeyIDs: []string{key.ID},
			Spec: engine.Spec{OfferID: offer.ID, OS: engine.Linux, GPUCount: 1, StorageGB: 10, RentalHours: 5},
		})
		id = inst.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := sandbox.Advance(context.Background(), time.Hour); err != nil {
		t.Fatal(err)
	}
	return sandbox, signer, id
}

func mustDial(t *testing.T, port int, signer ssh.Signer) *ssh.Client {
	t.Helper()
	client, err := dialPort(port, "root", signer, ssh.InsecureIgnoreHostKey())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}
