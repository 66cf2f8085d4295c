package store_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/dialect"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

func TestEveryClockGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]time.Duration{ // what passes in a minute of wall time
		"real": time.Minute, "x60": time.Hour, "frozen": 0, "poll=3": 0,
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			file, wall := newFile(t), newWallClock()
			s := open(t, store.Config{File: file, Wall: wall.now})
			sandbox, secret := create(t, s, settings(clock(mode)))
			must(t, sandbox.Advance(t.Context(), 90*time.Minute))
			must(t, sandbox.Update(rent("x", func(r *engine.RentRequest) { r.RentalHours = 2 })))
			var then, now time.Time
			sandbox.View(func(w *engine.World) { then = w.Now() })
			must(t, s.Close())

			wall.pass(time.Minute)
			back, _ := open(t, store.Config{File: file, Wall: wall.now}).ByKey(secret)
			back.View(func(w *engine.World) {
				now = w.Now()
				if got := w.Clock().Mode(); got != mode {
					t.Errorf("the clock is %s", got)
				}
				status := w.Instances(func(*engine.Instance) bool { return true })[0].Status
				if want := map[bool]engine.Status{true: engine.StatusRunning, false: engine.StatusPending}[want > 0]; status != want {
					t.Errorf("the instance is %s, want %s", status, want)
				}
			})
			if passed := now.Sub(then); passed != want {
				t.Errorf("%s have passed, want %s", passed, want)
			}
		})
	}
}

func TestSettingsTokensAndFormerLivesAreKeptOverARestart(t *testing.T) {
	t.Parallel()
	file := newFile(t)
	s := open(t, store.Config{File: file})
	with := settings(func(s *store.Settings) {
		s.Name, s.Seed = "mine", 7
		s.Dialect = dialect.Dialect{Create: 202, DuplicateNames: true}
		s.Policy = engine.Policy{RefundOnDelete: true}
		s.Limit = store.Limit{Requests: 7, Per: time.Minute}
		s.Timings = engine.Timings{Pending: time.Hour}
	})
	sandbox, secret := create(t, s, with)
	var first, again engine.Instance
	rentOnce := func(inst *engine.Instance) func(w *engine.World) error {
		return func(w *engine.World) (err error) {
			r := request(w, "x")
			r.OfferID, r.IdempotencyKey = w.Offers(func(*engine.Offer) bool { return true })[0].ID, "token"
			*inst, err = w.Rent(r)
			return err
		}
	}
	must(t, sandbox.Update(rentOnce(&first)))
	must(t, sandbox.Update(func(w *engine.World) error { _, err := w.Delete(first.ID); return err }))
	must(t, sandbox.Advance(t.Context(), time.Minute)) // it is gone
	if len(names(sandbox)) != 0 {
		t.Fatal("the instance is still there")
	}
	spent := balance(sandbox)
	must(t, s.Close())

	s = open(t, store.Config{File: file})
	back, ok := s.ByKey(secret)
	if !ok {
		t.Fatal("the key is not valid any more")
	}
	got, _ := json.Marshal(back.Settings())
	if want, _ := json.Marshal(sandbox.Settings()); !bytes.Equal(got, want) {
		t.Errorf("the settings are\n%s\nand were\n%s", got, want)
	}
	must(t, back.Update(rentOnce(&again)))
	if again.ID != first.ID || balance(back) != spent {
		t.Errorf("the token made %s, and the first time %s", again.ID, first.ID)
	}
	must(t, back.Update(rent("x")))
	var second engine.Instance
	back.View(func(w *engine.World) { second = w.Instances(func(*engine.Instance) bool { return true })[0] })
	if second.ID == first.ID || second.Ordinal != first.Ordinal+1 {
		t.Errorf("the second rental of the name is %s, number %d", second.ID, second.Ordinal)
	}
	// Reset makes it what it was at first, also now.
	must(t, back.Reset())
	if len(names(back)) != 0 || balance(back) != with.Credits {
		t.Error("the reset left something")
	}
}

func TestForksAndRestoredSnapshotsAreLikeTheOriginalAndGoTheirOwnWays(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"", newFile(t)} {
		s := open(t, store.Config{File: file})
		sandbox, secret := create(t, s, settings())
		for i := range 5 {
			must(t, sandbox.Update(rent(fmt.Sprint(i), token(fmt.Sprint(i)))))
		}
		must(t, sandbox.Advance(t.Context(), time.Minute))
		document, err := json.Marshal(sandbox.Snapshot())
		must(t, err)
		var read store.Snapshot
		must(t, json.Unmarshal(document, &read))
		is := withoutKeys(t, sandbox)

		fork, forkSecret, err := sandbox.Fork("", "")
		must(t, err)
		copied, _, err := s.Restore(read, "", "")
		must(t, err)
		third, _ := create(t, s, settings())
		must(t, third.Restore(read))
		for _, other := range []*store.Sandbox{fork, copied, third} {
			if got := withoutKeys(t, other); got != is {
				t.Errorf("%s is\n%s\nand the original\n%s", other.ID(), got, is)
			}
		}
		for i, other := range []*store.Sandbox{fork, copied, third} {
			must(t, other.Update(rent(fmt.Sprint("other-", i))))
		}
		if got := withoutKeys(t, sandbox); got != is {
			t.Errorf("the original has become\n%s\nand was\n%s", got, is)
		}
		if owner, _ := s.ByKey(secret); owner != sandbox || forkSecret == secret {
			t.Error("the fork has taken the key over")
		}
		if file == "" {
			continue
		}
		all := world(t, s)
		must(t, s.Close())
		if got := world(t, open(t, store.Config{File: file})); got != all {
			t.Errorf("after a restart it is\n%s\nand was\n%s", got, all)
		}
	}
}

func withoutKeys(t *testing.T, s *store.Sandbox) string {
	t.Helper()
	now := s.Snapshot()
	now.World.APIKeys = nil
	data, err := json.Marshal(now)
	must(t, err)
	return string(data)
}

func TestNoSecretIsInTheFileOrInASnapshot(t *testing.T) {
	t.Parallel()
	file := newFile(t)
	s := open(t, store.Config{File: file})
	sandbox, drawn, err := s.Create(settings(), "")
	must(t, err)
	_, given, err := sandbox.CreateKey("given", "a-secret-that-was-given")
	must(t, err)
	key, revoked, err := sandbox.CreateKey("revoked", "")
	must(t, err)
	_, err = sandbox.RevokeKey(key.ID)
	must(t, err)
	_, forked, err := sandbox.Fork("fork", "")
	must(t, err)
	snapshot := written(t, sandbox)
	must(t, s.Close())
	data, err := os.ReadFile(file)
	must(t, err)
	for _, secret := range []string{drawn, given, revoked, forked} {
		if bytes.Contains(data, []byte(secret)) || bytes.Contains([]byte(snapshot), []byte(secret)) {
			t.Errorf("%s is there in the clear", secret)
		}
	}
	if !bytes.Contains(data, []byte(given[len(given)-4:])) {
		t.Error("even the hint is not found: this looks in the wrong place")
	}
	s = open(t, store.Config{File: file})
	for secret, want := range map[string]bool{drawn: true, given: true, revoked: false, forked: true} {
		if _, ok := s.ByKey(secret); ok != want {
			t.Errorf("%s is valid: %v", secret, ok)
		}
	}
	// The secret of a revoked key is not to be had again.
	if _, _, err := s.First().CreateKey("again", revoked); !isCode(err, engine.CodeValidation) {
		t.Errorf("the revoked secret is given out again: %v", err)
	}
}

// An id that somebody may still hold is not given to another sandbox.
func TestNoIDOfASandboxIsUsedAgain(t *testing.T) {
	t.Parallel()
	file := newFile(t)
	s := open(t, store.Config{File: file})
	create(t, s, settings())
	last, _ := create(t, s, settings())
	must(t, s.Delete(last.ID()))
	must(t, s.Close())
	if next, _ := create(t, open(t, store.Config{File: file}), settings()); next.ID() == last.ID() {
		t.Errorf("%s is used again", next.ID())
	}
}

// Whoever sees a new key can revoke it at once, while the answer to the one who
// made it is still on its way. And a key dies with its sandbox.
func TestAKeyThatIsRevokedOrDeletedAtOnceStaysSo(t *testing.T) {
	t.Parallel()
	s := open(t, store.Config{})
	sandbox, _ := create(t, s, settings())
	var makers, revokers sync.WaitGroup
	secrets := make([]string, 400)
	done := make(chan struct{})
	for range 4 {
		revokers.Go(func() {
			for {
				var keys []engine.APIKey
				sandbox.View(func(w *engine.World) { keys = w.APIKeys() })
				for _, key := range keys[1:] {
					if key.RevokedAt.IsZero() {
						_, err := sandbox.RevokeKey(key.ID)
						must(t, err)
					}
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for maker := range 4 {
		makers.Go(func() {
			for i := maker; i < len(secrets); i += 4 {
				_, secret, err := sandbox.CreateKey("short-lived", "")
				if err != nil {
					t.Error(err)
				}
				secrets[i] = secret
			}
		})
	}
	makers.Wait()
	close(done)
	revokers.Wait()
	revoked := map[[32]byte]bool{}
	sandbox.View(func(w *engine.World) {
		for _, key := range w.APIKeys() {
			revoked[key.Hash] = !key.RevokedAt.IsZero()
		}
	})
	for _, secret := range secrets {
		if _, ok := s.ByKey(secret); ok == revoked[engine.HashSecret(secret)] {
			t.Fatal("a revoked key is valid")
		}
	}

	for range 100 {
		doomed, _ := create(t, s, settings())
		var both sync.WaitGroup
		both.Go(func() { must(t, s.Delete(doomed.ID())) })
		_, secret, err := doomed.CreateKey("late", "")
		both.Wait()
		if _, ok := s.ByKey(secret); ok {
			t.Fatalf("a key of a deleted sandbox is valid (%v)", err)
		}
	}
}
