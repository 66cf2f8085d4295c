package engine_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// keptState is a state that is kept up to date by changes, as a file is.
type keptState struct {
	engine.State
	instances map[int64]engine.Instance
	sshKeys   map[int64]engine.SSHKey
	answers   map[int64]engine.Answer
}

func newKeptState(whole engine.State) *keptState {
	k := &keptState{State: whole, instances: map[int64]engine.Instance{}, sshKeys: map[int64]engine.SSHKey{}, answers: map[int64]engine.Answer{}}
	k.put(whole)
	return k
}

func (k *keptState) put(s engine.State) {
	for _, inst := range s.Instances {
		k.instances[inst.Ordinal] = inst
	}
	for _, key := range s.SSHKeys {
		k.sshKeys[key.Ordinal] = key
	}
	for _, a := range s.Answers {
		k.answers[a.Number] = a
	}
}

func (k *keptState) apply(c engine.State) {
	k.put(c)
	for _, n := range c.Gone.Instances {
		delete(k.instances, n)
	}
	for _, n := range c.Gone.SSHKeys {
		delete(k.sshKeys, n)
	}
	for _, n := range c.Gone.Answers {
		delete(k.answers, n)
	}
	if k.Head = c.Head; c.Market != nil {
		k.Market = c.Market
	}
	if c.APIKeys != nil {
		k.APIKeys = c.APIKeys
	}
	k.Ledger = append(slices.Clip(k.Ledger), c.Ledger...)
	maps.Copy(k.Offers, c.Offers)
	maps.Copy(k.Names, c.Names)
	maps.Copy(k.Fingerprints, c.Fingerprints)
}

func sorted[T any](m map[int64]T) (list []T) {
	for _, n := range slices.Sorted(maps.Keys(m)) {
		list = append(list, m[n])
	}
	return list
}

// whole is the state that the changes have led to.
func (k *keptState) whole() engine.State {
	s := k.State
	s.Instances, s.SSHKeys, s.Answers = sorted(k.instances), sorted(k.sshKeys), sorted(k.answers)
	return s
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// written is a state, or a part of one, as JSON.
func written(t fataler, part any) string {
	t.Helper()
	data, err := json.Marshal(part)
	if err != nil {
		t.Fatalf("marshal: %v", err)
	}
	return string(data)
}

// reload is the world that is read back from a state's JSON.
func reload(t fataler, s engine.State) *engine.World {
	t.Helper()
	var back engine.State
	if err := json.Unmarshal([]byte(written(t, s)), &back); err != nil {
		t.Fatalf("unmarshal: %v", err)
	}
	w, err := engine.Load(back)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return w
}

// checkKept: the changes alone lead to the state.
func (m *model) checkKept(rt *rapid.T) {
	m.kept.apply(m.Changes())
	if kept, is := written(rt, m.kept.whole()), written(rt, m.State()); kept != is {
		rt.Fatalf("the changes lead to\n%s\nand the world is\n%s", kept, is)
	}
}

// checkCopy: what happened to the world since did not happen to its copy, and
// what happens to the copy does not happen to the world.
func (m *model) checkCopy(rt *rapid.T) {
	if then, now := written(rt, m.leftThen), written(rt, m.left.State()); then != now {
		rt.Fatalf("the copy was\n%s\nand has become\n%s", then, now)
	}
	before := written(rt, m.State())
	m.left.Advance(1000*time.Hour, epoch)
	_, _ = m.left.Rent(request("somebody's"))
	for _, inst := range m.left.Instances(func(*engine.Instance) bool { return true }) {
		_, _ = m.left.Rename(inst.ID, "renamed")
		_, _ = m.left.Delete(inst.ID)
	}
	m.left.Deposit(1, "a gift")
	if after := written(rt, m.State()); after != before {
		rt.Fatalf("the world was\n%s\nand its copy has made it\n%s", before, after)
	}
}

// checkLists: a filtered part of the list is that part of the filtered list.
func (m *model) checkLists(rt *rapid.T) {
	name := rapid.SampledFrom(append([]string{"", "nobody", "a\x00"}, modelNames...)).Draw(rt, "name filter")
	status := rapid.SampledFrom([]engine.Status{"", engine.StatusPending, engine.StatusRunning, engine.StatusStopped, engine.StatusError}).Draw(rt, "status filter")
	offset, limit := rapid.IntRange(0, 4).Draw(rt, "offset"), rapid.IntRange(0, 4).Draw(rt, "limit")
	var f engine.InstanceFilter
	if name != "" {
		f.Name = &name
	}
	if status != "" {
		f.Status = &status
	}
	want := m.Instances(func(i *engine.Instance) bool {
		return (name == "" || i.Name == name) && (status == "" || i.Status == status)
	})
	var page []engine.Instance
	total := m.ListInstances(f, offset, limit, func(i *engine.Instance) { page = append(page, *i) })
	part := want[min(offset, len(want)):min(offset+limit, len(want))]
	if total != len(want) || len(page) != len(part) || len(page) > 0 && !reflect.DeepEqual(page, part) {
		rt.Fatalf("name %q, status %q, %d from %d on: %d of %d, want %d of %d", name, status, limit, offset, len(page), total, len(part), len(want))
	}
	var spend engine.Credits
	for _, inst := range m.all() {
		if !inst.ExpiresAt.IsZero() {
			spend += inst.PricePerHour
		}
	}
	if m.SpendPerHour() != spend {
		rt.Fatalf("it spends %d an hour, want %d", m.SpendPerHour(), spend)
	}
}

// A state that cannot be is refused, not repaired.
func TestStatesThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*engine.State){
		"a ledger with a hole":      func(s *engine.State) { s.Ledger = s.Ledger[1:] },
		"a ledger that is off":      func(s *engine.State) { s.Ledger[1].BalanceAfter++ },
		"an instance on no offer":   func(s *engine.State) { s.Instances[0].OfferID = "off_nothing" },
		"two instances in a place":  func(s *engine.State) { s.Instances = append(s.Instances, s.Instances[0]) },
		"an offer of another host":  func(s *engine.State) { s.Offers = map[int]engine.Offer{1: {ID: big}} },
		"an instance of long ago":   func(s *engine.State) { s.Instances[0].CreatedAt = epoch.AddDate(-126, 0, 0) },
		"an offer beyond the other": func(s *engine.State) { s.Offers = map[int]engine.Offer{7: {ID: big}} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.rent("x")
			s := reload(t, w.State()).State()
			spoil(&s)
			if _, err := engine.Load(s); err == nil {
				t.Error("it is taken")
			}
		})
	}
}

// One state can be loaded any number of times, also at the same time.
func TestAStateIsLoadedAndNotChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rent("x")
	state := w.State()
	is := written(t, state)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			loaded, err := engine.Load(state)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := loaded.Rent(request("y")); err != nil {
				t.Error(err)
			}
			loaded.Reprice(func(engine.Offer) engine.Credits { return 1 })
		})
	}
	all.Wait()
	if now := written(t, state); now != is {
		t.Errorf("the state was\n%s\nand is\n%s", is, now)
	}
}

// A world that was read back goes on as it would have without.
func TestAWorldThatWasReadBackGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inst := w.running("x", autoRenew)
	if _, err := w.Extend(inst.ID, 3, "k"); err != nil {
		t.Fatal(err)
	}
	back := &testWorld{World: reload(t, w.State()), t: t}
	for _, world := range []*testWorld{w, back} {
		world.pass(10 * time.Hour)
		if again, err := world.Extend(inst.ID, 3, "k"); err != nil || again.ExtendedHours != 3 {
			t.Errorf("the token is unknown: %+v, %v", again.ExtendedHours, err)
		}
		world.pass(100 * time.Hour)
		if again, err := world.Extend(inst.ID, 3, "k"); err != nil || again.ExtendedHours != 6 {
			t.Errorf("a token of long ago is still known: %+v, %v", again.ExtendedHours, err)
		}
		world.rent("x2")
	}
	if a, b := written(t, w.State()), written(t, back.State()); a != b {
		t.Errorf("it went on as\n%s\nand would have as\n%s", b, a)
	}
}
