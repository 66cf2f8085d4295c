package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/market"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// settings are of a small sandbox whose clock stands still.
func settings(changes ...func(*store.Settings)) store.Settings {
	s := store.Settings{Clock: "frozen", Credits: 1_000_000 * engine.Credit, Market: market.Shape{Hosts: 40}}
	for _, change := range changes {
		change(&s)
	}
	return s
}

func clock(mode string) func(*store.Settings) {
	return func(s *store.Settings) { s.Clock = mode }
}

// newFile is the name of a data file that is not there yet.
func newFile(t testing.TB) string { return filepath.Join(t.TempDir(), "pictor.db") }

// open opens a store, which is closed at the end if it was not before.
func open(t testing.TB, cfg store.Config) *store.Store {
	t.Helper()
	// A process that another test starts has the locks of all files until it is
	// another program; in a bubble no time passes to wait for that.
	syscall.ForkLock.RLock()
	s, err := store.Open(cfg)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatalf("open %s: %v", cfg.File, err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func create(t testing.TB, s *store.Store, with store.Settings) (*store.Sandbox, string) {
	t.Helper()
	sandbox, secret, err := s.Create(with, "")
	if err != nil {
		t.Fatalf("create a sandbox: %v", err)
	}
	return sandbox, secret
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func isCode(err error, code engine.Code) bool {
	var e *engine.Error
	return errors.As(err, &e) && e.Code == code
}

// request is for the cheapest machine there is.
func request(w *engine.World, name string) engine.RentRequest {
	offers := w.Offers(func(o *engine.Offer) bool { return o.GPUsAvailable > 0 && o.DiskAvailableGB >= 10 })
	if len(offers) == 0 {
		return engine.RentRequest{Name: name}
	}
	return engine.RentRequest{Name: name, Spec: engine.Spec{OfferID: offers[0].ID, OS: offers[0].OS[0], GPUCount: 1, StorageGB: 10, RentalHours: 1}}
}

// rent is a change that rents a machine.
func rent(name string, options ...func(*engine.RentRequest)) func(w *engine.World) error {
	return func(w *engine.World) error {
		r := request(w, name)
		if r.OS == engine.Windows {
			r.Password = "Correct-Horse-42"
		}
		for _, o := range options {
			o(&r)
		}
		_, err := w.Rent(r)
		return err
	}
}

func token(key string) func(*engine.RentRequest) {
	return func(r *engine.RentRequest) { r.IdempotencyKey = key }
}

// names are the names of the instances that a reader sees.
func names(s *store.Sandbox) (list []string) {
	s.View(func(w *engine.World) {
		for _, inst := range w.Instances(func(*engine.Instance) bool { return true }) {
			list = append(list, inst.Name)
		}
	})
	return list
}

func balance(s *store.Sandbox) (b engine.Credits) {
	s.View(func(w *engine.World) { b = w.Balance() })
	return b
}

// With the key of another sandbox nothing must seem to be gone.
func TestSandboxesOfOneSeedAreDifferentAccounts(t *testing.T) {
	t.Parallel()
	file := newFile(t)
	s := open(t, store.Config{File: file})
	account := func(s *store.Sandbox) (a engine.Account) {
		s.View(func(w *engine.World) { a = w.Account() })
		return a
	}
	one, _ := create(t, s, settings())
	two, secret := create(t, s, settings())
	if account(one).ID == account(two).ID {
		t.Errorf("both are %s", account(one).ID)
	}
	was := account(two)
	must(t, two.Reset())
	must(t, s.Close())
	again, _ := open(t, store.Config{File: file}).ByKey(secret)
	if is := account(again); is != was {
		t.Errorf("%v has become %v", was, is)
	}
}

// publicKey is a public key that differs for every n.
func publicKey(n int) string {
	raw := append([]byte("\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"), fmt.Appendf(nil, "%032d", n)...)
	quoted, _ := json.Marshal(raw)
	return "ssh-ed25519 " + string(quoted[1:len(quoted)-1])
}

// written is what a sandbox is, as JSON.
func written(t interface {
	Helper()
	Fatalf(format string, args ...any)
}, s *store.Sandbox,
) string {
	t.Helper()
	data, err := json.Marshal(s.Snapshot())
	if err != nil {
		t.Fatalf("marshal a snapshot: %v", err)
	}
	return string(data)
}

// wallClock is a wall clock that a test moves.
type wallClock struct{ nanos atomic.Int64 }

func newWallClock() *wallClock {
	c := &wallClock{}
	c.nanos.Store(time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *wallClock) now() time.Time { return time.Unix(0, c.nanos.Load()).UTC() }

func (c *wallClock) pass(d time.Duration) { c.nanos.Add(int64(d)) }
