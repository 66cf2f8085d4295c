package engine_test

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// A snapshot that was read once can be restored into several sandboxes.
func TestWorldsOfOneStateGoTheirOwnWays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rent("x")
	for range 4 {
		w.Deposit(1, "")
	}
	var state engine.State // as decoded, its slices have room
	if err := json.Unmarshal([]byte(written(t, w.State())), &state); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(state.Ledger)
	first, last := state.Ledger[0], state.Ledger[len(state.Ledger)-1]
	a, err := engine.Load(state)
	if err != nil {
		t.Fatal(err)
	}
	b, err := engine.Load(state)
	if err != nil {
		t.Fatal(err)
	}
	a.Deposit(2, "of a")
	b.Deposit(3, "of b")
	for world, want := range map[*engine.World]string{a: "of a", b: "of b"} {
		if entries := world.Ledger(); entries[len(entries)-1].Description != want {
			t.Errorf("the last entry is %q, want %q", entries[len(entries)-1].Description, want)
		}
	}
	if state.Ledger[0] != first || state.Ledger[len(state.Ledger)-1] != last {
		t.Error("the state was changed")
	}
}

// What could not be kept, or would end the schedule's arithmetic, is refused
// where it comes in.
func TestStatesThatAreNoWorldAreRefused(t *testing.T) {
	t.Parallel()
	late := time.Date(2300, time.January, 1, 0, 0, 0, 0, time.UTC)
	for name, spoil := range map[string]func(s *engine.State){
		"a name that is empty":            func(s *engine.State) { s.Names[""] = 1 },
		"a name that no key of a file is": func(s *engine.State) { s.Names[strings.Repeat("x", 1<<15)] = 1 },
		"a name that was given for ever":  func(s *engine.State) { s.Names["x"] = math.MaxInt },
		"a fingerprint that is empty":     func(s *engine.State) { s.Fingerprints[""] = 1 },
		"a fingerprint that is no key":    func(s *engine.State) { s.Fingerprints[strings.Repeat("x", 1<<15)] = 1 },
		"a fingerprint of for ever":       func(s *engine.State) { s.Fingerprints["x"] = math.MaxInt },
		"an instance without a number":    func(s *engine.State) { s.Instances[0].Ordinal = 0 },
		"an instance without an id":       func(s *engine.State) { s.Instances[0].ID = "" },
		"an instance twice":               func(s *engine.State) { s.Instances = append(s.Instances, s.Instances[0]) },
		"an id twice":                     func(s *engine.State) { s.Instances = append(s.Instances, s.Instances[0]); s.Instances[1].Ordinal = 9 },
		"an instance on no offer":         func(s *engine.State) { s.Instances[0].OfferID = "off_nothing" },
		"an instance that never ends":     func(s *engine.State) { s.Instances[0].ExpiresAt = late },
		"an SSH key without a number":     func(s *engine.State) { s.SSHKeys[0].Ordinal = -1 },
		"an SSH key after all others":     func(s *engine.State) { s.SSHKeys[0].Ordinal = math.MaxInt64 },
		"an SSH key without fingerprint":  func(s *engine.State) { s.SSHKeys[0].Fingerprint = "" },
		"an SSH key twice":                func(s *engine.State) { s.SSHKeys = append(s.SSHKeys, s.SSHKeys[0]) },
		"an answer after all others":      func(s *engine.State) { s.Answers[0].Number = math.MaxInt64 },
		"an answer twice":                 func(s *engine.State) { s.Answers = append(s.Answers, s.Answers[0]) },
		"a ledger that does not add up":   func(s *engine.State) { s.Ledger[0].Amount++ },
		"a ledger with a hole":            func(s *engine.State) { s.Ledger = s.Ledger[1:] },
		"a clock beyond the end of time":  func(s *engine.State) { s.Head.Now = late },
		"a clock that stands nowhere":     func(s *engine.State) { s.Head.Now = time.Time{} },
		"a clock that goes back":          func(s *engine.State) { s.Head.Clock.Rate = -5 },
		"a clock that is too fast":        func(s *engine.State) { s.Head.Clock.Rate = math.MaxInt64 },
		"a clock below no reads":          func(s *engine.State) { s.Head.Clock.Polls = -1 },
		"a transition that never ends":    func(s *engine.State) { s.Head.Timings.Pending = math.MaxInt64 },
		"rentals without end":             func(s *engine.State) { s.Head.Rentals = math.MaxInt64 },
		"a name that was given -1 times":  func(s *engine.State) { s.Names["x"] = -1 },
		"a ledger that overflows": func(s *engine.State) {
			s.Ledger = append(s.Ledger, engine.Entry{Number: len(s.Ledger) + 1, Amount: math.MaxInt64})
			last := &s.Ledger[len(s.Ledger)-1]
			last.BalanceAfter = s.Ledger[last.Number-2].BalanceAfter + last.Amount
		},
		"an offer twice":                              func(s *engine.State) { s.Market = append(s.Market, s.Market[0]) },
		"an offer that pays":                          func(s *engine.State) { s.Market[0].PricePerGPUHour = -1 },
		"an offer with less than nothing":             func(s *engine.State) { s.Market[0].GPUsAvailable = -1 },
		"an instance for no hours":                    func(s *engine.State) { s.Instances[0].RentalHours = 0 }, // renewed for ever at once
		"an instance for hours without end":           func(s *engine.State) { s.Instances[0].RentalHours = math.MaxInt64 },
		"an extension by less than nothing":           func(s *engine.State) { s.Instances[0].ExtendedHours = -1 },
		"an instance that pays":                       func(s *engine.State) { s.Instances[0].PricePerHour = -1 },
		"an instance beyond money":                    func(s *engine.State) { s.Instances[0].PricePerHour = math.MaxInt64 },
		"an instance without storage":                 func(s *engine.State) { s.Instances[0].StorageGB = -1 },
		"an instance that is paid back":               func(s *engine.State) { s.Instances[0].Stored = math.MaxInt64 },
		"an instance without GPUs":                    func(s *engine.State) { s.Instances[0].GPUCount = 0 },
		"an instance that is something":               func(s *engine.State) { s.Instances[0].Status = "x" },
		"an instance that nobody rented":              func(s *engine.State) { s.Instances[0].CreatedAt = time.Time{} },
		"an instance before time":                     func(s *engine.State) { s.Instances[0].StepAt = late.AddDate(-1000, 0, 0) },
		"an instance that has less than no time left": func(s *engine.State) { s.Instances[0].Left = -1 },
		"an instance with a line in its name":         func(s *engine.State) { s.Instances[0].Name = "a\nb" },
		"an offer with more free than it has":         func(s *engine.State) { s.Market[0].GPUsAvailable = s.Market[0].GPUsTotal + 1 },
		"GPUs that are free and rented":               func(s *engine.State) { s.Offers = maps.Collect(slices.All(s.Market)) },
		"GPUs that are rented and not there":          func(s *engine.State) { s.Market[1].GPUsAvailable, s.Market[0].GPUsAvailable = 0, 0 },
		"storage that is rented and not there":        func(s *engine.State) { s.Market[1].DiskAvailableGB, s.Market[0].DiskAvailableGB = 0, 0 },
		"an instance that was to change before now":   func(s *engine.State) { s.Instances[0].StorageAt = s.Head.Now.Add(-time.Second) },
		"an offer that is another one":                func(s *engine.State) { s.Offers[0] = engine.Offer{ID: "off_nothing"} },
		"an offer that costs something else": func(s *engine.State) {
			o := s.Market[0]
			o.PricePerGPUHour, o.GPUsAvailable = o.PricePerGPUHour+1, 0
			s.Offers[0] = o
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.rent("x", func(r *engine.RentRequest) { r.IdempotencyKey = "once" })
			if _, err := w.AddSSHKey("laptop", keyA); err != nil {
				t.Fatal(err)
			}
			s := w.State()
			if _, err := engine.Load(s); err != nil {
				t.Fatalf("before it is spoilt: %v", err)
			}
			spoil(&s)
			if _, err := engine.Load(s); err == nil {
				t.Error("it is loaded")
			}
		})
	}
}

// An offer can be off the market from the first.
func TestWhatAWithdrawnOfferHasLostIsLostOnceReadBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.State()
	for i := range s.Market {
		s.Market[i].Withdrawn = true
	}
	w.World = reload(t, s)
	w.Track()
	kept := newKeptState(w.State())
	inst := w.rent("x")
	kept.apply(w.Changes())
	if _, err := w.Delete(inst.ID); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Hour)
	kept.apply(w.Changes())
	offer, _ := w.Offer(inst.OfferID)
	for how, state := range map[string]engine.State{"from its state": w.State(), "from its changes": kept.whole()} {
		if back, err := reload(t, state).Offer(inst.OfferID); err != nil || back.GPUsAvailable != offer.GPUsAvailable {
			t.Errorf("%s it has %d GPUs free, and had %d (%v)", how, back.GPUsAvailable, offer.GPUsAvailable, err)
		}
	}
}
