package machine_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/crypto/ssh"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// guest rents machines from a simulator of its own and logs in to them.
type guest struct {
	*simtest.Sim
	t testing.TB
}

func newGuest(t testing.TB, options ...simtest.Option) *guest {
	t.Helper()
	return &guest{simtest.New(t, append([]simtest.Option{simtest.Machines(), simtest.Clock("frozen")}, options...)...), t}
}

// do changes the world.
func (g *guest) do(change func(w *engine.World) error) {
	g.t.Helper()
	g.Do(g.t, change)
}

// newKey is a key pair that the account has.
func (g *guest) newKey(name string) (ssh.Signer, string) {
	g.t.Helper()
	signer := newSigner(g.t)
	var id string
	g.do(func(w *engine.World) error {
		key, err := w.AddSSHKey(name, string(ssh.MarshalAuthorizedKey(signer.PublicKey())))
		id = key.ID
		return err
	})
	return signer, id
}

func newSigner(t testing.TB) ssh.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// rent rents a machine, which does not run yet.
func (g *guest) rent(model string, gpus int, keyIDs ...string) (id string) {
	g.t.Helper()
	g.do(func(w *engine.World) error {
		for _, o := range w.Offers(func(o *engine.Offer) bool { return o.GPUModel == model && o.GPUsAvailable >= gpus }) {
			inst, err := w.Rent(engine.RentRequest{
				Name: "Trainer.1", SSHKeyIDs: keyIDs,
				Spec: engine.Spec{OfferID: o.ID, OS: engine.Linux, GPUCount: gpus, StorageGB: 100, RentalHours: 5},
			})
			id = inst.ID
			return err
		}
		return fmt.Errorf("no host has %d x %s", gpus, model)
	})
	return id
}

// running rents a machine and waits until it runs.
func (g *guest) running(keyIDs ...string) (id string) {
	g.t.Helper()
	id = g.rent("RTX 4090", 2, keyIDs...)
	g.Advance(time.Hour)
	return id
}

// connection is what the API shows.
func (g *guest) connection(id string) *wire.Connection {
	g.t.Helper()
	req, err := http.NewRequestWithContext(g.t.Context(), "GET", g.Endpoint+"/gpu-instances/"+id, nil)
	if err != nil {
		g.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+g.APIKey)
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		g.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode == http.StatusNotFound {
		return nil
	}
	var inst wire.Instance
	if err := json.Unmarshal(body, &inst); err != nil {
		g.t.Fatalf("%s: %v", body, err)
	}
	return inst.Connection
}

// port is where the machine is reached.
func (g *guest) port(id string) int {
	g.t.Helper()
	at := g.connection(id)
	if at == nil || at.Host != "127.0.0.1" {
		g.t.Fatalf("the API shows %+v", at)
	}
	return at.Port
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// dial logs in.
func (g *guest) dial(id, user string, signer ssh.Signer) (*ssh.Client, error) {
	g.t.Helper()
	return dialPort(g.port(id), user, signer, ssh.FixedHostKey(g.HostKey(id)))
}

func dialPort(port int, user string, signer ssh.Signer, host ssh.HostKeyCallback) (*ssh.Client, error) {
	return ssh.Dial("tcp", address(port), &ssh.ClientConfig{
		User: user, Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)}, HostKeyCallback: host, Timeout: time.Minute,
	})
}

// login is dial for one who is to be let in.
func (g *guest) login(id string, signer ssh.Signer) *ssh.Client {
	g.t.Helper()
	client, err := g.dial(id, "root", signer)
	if err != nil {
		g.t.Fatalf("login: %v", err)
	}
	g.t.Cleanup(func() { client.Close() })
	return client
}

// inside is a machine that one is logged in to.
func inside(t testing.TB, options ...simtest.Option) (*guest, string, *ssh.Client) {
	t.Helper()
	g := newGuest(t, options...)
	signer, key := g.newKey("laptop")
	id := g.running(key)
	return g, id, g.login(id, signer)
}

// result is how a command ended.
type result struct {
	out, err string
	status   int
}

func run(t testing.TB, client *ssh.Client, command string, input ...string) result {
	t.Helper()
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	var out, errs bytes.Buffer
	session.Stdout, session.Stderr, session.Stdin = &out, &errs, strings.NewReader(strings.Join(input, ""))
	if command == "" {
		if err = session.Shell(); err == nil {
			err = session.Wait()
		}
	} else {
		err = session.Run(command)
	}
	r := result{out: out.String(), err: errs.String()}
	var exit *ssh.ExitError
	switch {
	case errors.As(err, &exit):
		r.status = exit.ExitStatus()
	case err != nil:
		t.Fatalf("%s: %v", command, err)
	}
	return r
}
