package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
)

// The simulator is killed again and again while clients change its world and a
// reader looks on. Whatever it has answered must be there when it is started
// anew: to those who changed something, and to the one who only looked.
func TestKilledUnderLoadItKeepsEveryAnswer(t *testing.T) {
	t.Parallel()
	const kills, fresh, clients = 50, 17, 6
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var file string
	var known *acknowledged
	answers := int64(0)
	for kill := range kills {
		if kill%fresh == 0 {
			file, known = filepath.Join(t.TempDir(), "pictor.db"), newAcknowledged()
		}
		p := startSimulator(t, "the-key-of-this-test", nil, "--data", file, "--clock", "x1000", "--provisioning", "0s", "--credits", "10000000")
		known.check(t, p)
		if t.Failed() {
			t.Fatalf("after %d kills", kill)
		}
		answers += known.strain(t, p, clients, 1+random.Int64N(80), random)
	}
	p := startSimulator(t, "the-key-of-this-test", nil, "--data", file)
	known.check(t, p)
	t.Logf("%d kills, %d answered changes, %d machines at the end", kills, answers, len(known.machines))
}

// acknowledged is what must be true of an account.
type acknowledged struct {
	mu       sync.Mutex
	machines map[string]*machine          // by name
	sshKeys  map[wire.ID][]bool           // whether it is there: what is possible
	apiKeys  map[string]*apiKey           // by secret
	entries  map[wire.ID]wire.Transaction // that were read
	now      time.Time                    // that was read
	number   int
}

// machine is what must be true of a machine. A client has its own, so that it
// knows what it has asked for.
type machine struct {
	order    wire.InstanceCreate
	token    string
	answered wire.Instance // the answer to its rental, or what was found instead
	rented   []bool
	deleted  []bool
	extended []int
	renews   []bool
	keys     []string
	stopped  []bool
	seen     bool // by the reader
	seenGone bool
	seenMore int // hours of extension
}

type apiKey struct {
	id    string
	valid []bool
}

func newAcknowledged() *acknowledged {
	return &acknowledged{machines: map[string]*machine{}, sshKeys: map[wire.ID][]bool{}, apiKeys: map[string]*apiKey{}, entries: map[wire.ID]wire.Transaction{}}
}

// strain lets clients work and kills the simulator at an answer.
func (k *acknowledged) strain(t *testing.T, p *process, clients int, deadly int64, random *rand.Rand) int64 {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	offers, _, err := list[wire.Offer](ctx, p, "/gpu-instances/offers")
	if err != nil {
		t.Fatal(err)
	}
	var answers atomic.Int64
	var all sync.WaitGroup
	for range clients {
		c := &tenant{acknowledged: k, p: p, ctx: ctx, offers: offers, random: rand.New(rand.NewPCG(random.Uint64(), 0))}
		all.Go(func() {
			for c.act() == nil {
				if answers.Add(1) == deadly {
					_ = p.cmd.Process.Kill()
				}
			}
		})
	}
	all.Go(func() {
		for k.look(ctx, p) == nil {
			continue
		}
	})
	all.Wait()
	p.kill()
	return answers.Load()
}

// client is one of those who change something.
type tenant struct {
	*acknowledged
	p      *process
	ctx    context.Context
	offers []wire.Offer
	random *rand.Rand
	mine   []*machine
	sshIDs []wire.ID
}

// may notes what a request may change, and does what it has changed once it is
// answered. It answers with an error only when nobody knows.
func may[T any](c *tenant, of *[]T, value T, method, path string, body any, then func(a answer) error, header ...string) error {
	c.mu.Lock()
	before := *of
	*of = append(slices.Clip(before), value)
	c.mu.Unlock()
	a, err := c.p.send(c.ctx, c.p.key, method, path, body, header...)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if *of = before; a.ok() {
		*of = []T{value}
		return then(a)
	}
	return nil
}

func nothing(answer) error { return nil }

// act sends one request.
func (c *tenant) act() error {
	what := c.random.IntN(20)
	if what < 7 || len(c.mine) == 0 {
		return c.rent()
	}
	m := c.mine[c.random.IntN(len(c.mine))]
	path := "/gpu-instances/" + string(m.answered.Id)
	switch {
	case what < 9:
		n := 1 + c.random.IntN(9)
		return may(c, &m.extended, m.extended[0]+n, http.MethodPost, path+"/extend", wire.InstanceExtend{Hours: n}, nothing)
	case what == 9:
		return may(c, &m.renews, !m.renews[0], http.MethodPut, path+"/auto-renew", wire.AutoRenew{Enabled: !m.renews[0]}, nothing)
	case what == 10:
		return may(c, &m.stopped, true, http.MethodPost, path+"/stop", nil, nothing)
	case what == 11:
		return may(c, &m.stopped, false, http.MethodPost, path+"/start", nil, nothing)
	case what < 14:
		c.mine = slices.DeleteFunc(c.mine, func(other *machine) bool { return other == m })
		return may(c, &m.deleted, true, http.MethodDelete, path, nil, nothing)
	case what == 14 && len(c.sshIDs) > 0:
		id := c.sshIDs[c.random.IntN(len(c.sshIDs))]
		return may(c, &m.keys, string(id), http.MethodPut, path+"/ssh-keys", wire.InstanceSshKeys{SshKeyIds: []wire.ID{id}}, nothing)
	case what < 17:
		return c.addSSHKey()
	default:
		return c.changeAPIKeys()
	}
}

func (c *tenant) next() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.number++
	return c.number
}

func (c *tenant) rent() error {
	n := c.next()
	offer := c.offers[c.random.IntN(len(c.offers))]
	m := &machine{
		order: wire.InstanceCreate{Name: fmt.Sprint("machine-", n), OfferId: offer.Id, Os: offer.Os[0], GpuCount: 1, StorageGb: 10, RentalHours: 500 + n%9},
		token: fmt.Sprint("token-", n), rented: []bool{false}, deleted: []bool{false}, extended: []int{0}, renews: []bool{false}, keys: []string{""}, stopped: []bool{false},
	}
	if m.order.Os == wire.OSWindows {
		password := "Correct-Horse-42"
		m.order.Password = &password
	}
	c.mu.Lock()
	c.machines[m.order.Name] = m
	c.mu.Unlock()
	return may(c, &m.rented, true, http.MethodPost, "/gpu-instances", m.order, func(a answer) error {
		c.mine = append(c.mine, m)
		return a.into(&m.answered)
	}, "Idempotency-Key", m.token)
}

func (c *tenant) addSSHKey() error {
	n := c.next()
	raw, _ := json.Marshal(fmt.Appendf([]byte("\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"), "%032d", n))
	created := wire.SshKeyCreate{Name: fmt.Sprint("key-", n), PublicKey: "ssh-ed25519 " + strings.Trim(string(raw), `"`)}
	a, err := c.p.send(c.ctx, c.p.key, http.MethodPost, "/ssh-keys", created)
	if err != nil {
		return err
	}
	var key wire.SshKey
	if err := a.into(&key); err != nil {
		return err
	}
	c.mu.Lock()
	there := []bool{true}
	c.sshKeys[key.Id] = there
	c.sshIDs = append(c.sshIDs, key.Id)
	c.mu.Unlock()
	if n%3 > 0 {
		return nil
	}
	c.sshIDs = c.sshIDs[:len(c.sshIDs)-1]
	err = may(c, &there, false, http.MethodDelete, "/ssh-keys/"+string(key.Id), nil, nothing)
	c.mu.Lock()
	c.sshKeys[key.Id] = there
	c.mu.Unlock()
	return err
}

func (c *tenant) changeAPIKeys() error {
	a, err := c.p.send(c.ctx, c.p.key, http.MethodPost, "/_sim/keys", control.NewKey{Name: "extra"})
	if err != nil {
		return err
	}
	var made control.Key
	if err := a.into(&made); err != nil {
		return err
	}
	key := &apiKey{made.ID, []bool{true}}
	c.mu.Lock()
	c.apiKeys[made.Secret] = key
	c.mu.Unlock()
	if c.random.IntN(2) == 0 {
		return nil
	}
	return may(c, &key.valid, false, http.MethodDelete, "/_sim/keys/"+key.id, nil, nothing)
}

// look reads everything and remembers it.
func (k *acknowledged) look(ctx context.Context, p *process) error {
	instances, now, err := list[wire.Instance](ctx, p, "/gpu-instances")
	if err != nil {
		return err
	}
	entries, _, err := list[wire.Transaction](ctx, p, "/transactions")
	if err != nil {
		return err
	}
	k.mu.Lock()
	var going []*machine
	k.now = now
	for _, inst := range instances {
		m := k.machines[inst.Name]
		m.seen, m.seenMore = true, max(m.seenMore, inst.ExtendedHours)
		if len(m.deleted) == 2 && m.answered.Id != "" {
			going = append(going, m)
		}
	}
	for _, e := range entries {
		k.entries[e.Id] = e
	}
	k.mu.Unlock()
	for _, m := range going { // somebody is deleting them
		a, err := p.send(ctx, p.key, http.MethodGet, "/gpu-instances/"+string(m.answered.Id), nil)
		if err != nil {
			return err
		}
		k.mu.Lock()
		m.seenGone = m.seenGone || a.status == http.StatusNotFound
		k.mu.Unlock()
	}
	return nil
}

// check holds a simulator that was started anew against what must be true, and
// takes from it what nobody could know.
func (k *acknowledged) check(t *testing.T, p *process) {
	t.Helper()
	ctx := t.Context()
	found, now, err := list[wire.Instance](ctx, p, "/gpu-instances")
	if err != nil {
		t.Fatal(err)
	}
	entries, _, err := list[wire.Transaction](ctx, p, "/transactions")
	if err != nil {
		t.Fatal(err)
	}
	keys, _, err := list[wire.SshKey](ctx, p, "/ssh-keys")
	if err != nil {
		t.Fatal(err)
	}
	if now.Before(k.now) {
		t.Errorf("time has gone back from %s to %s", k.now, now)
	}
	books := k.checkLedger(t, ctx, p, entries)

	listed := map[string]wire.Instance{}
	for _, inst := range found {
		if _, twice := listed[inst.Name]; twice {
			t.Errorf("%s is there twice", inst.Name)
		}
		listed[inst.Name] = inst
		if k.machines[inst.Name] == nil {
			t.Errorf("nobody has asked for %s", inst.Name)
		}
	}
	for name, m := range k.machines {
		inst, there := listed[name]
		m.check(t, name, inst, there, books)
		m.send(t, ctx, p, there)
	}

	there := map[wire.ID]bool{}
	for _, key := range keys {
		there[key.Id] = true
	}
	for id, possible := range k.sshKeys {
		oneOf(t, "SSH key "+string(id)+" is there", there[id], &possible)
		k.sshKeys[id] = possible
	}
	for secret, key := range k.apiKeys {
		a, err := p.send(ctx, secret, http.MethodGet, "/account", nil)
		if err != nil {
			t.Fatal(err)
		}
		oneOf(t, "API key "+key.id+" is valid", a.status == http.StatusOK, &key.valid)
	}
}

// booked is what the ledger says of one machine.
type booked struct{ rentals, rented, extended, cost wire.Credits }

func (k *acknowledged) checkLedger(t *testing.T, ctx context.Context, p *process, entries []wire.Transaction) map[string]*booked {
	t.Helper()
	books, balance, byID := map[string]*booked{}, wire.Credits(0), map[wire.ID]wire.Transaction{}
	for _, e := range entries {
		balance += e.Amount
		byID[e.Id] = e
		if e.InstanceId == nil {
			continue
		}
		what, rest, _ := strings.Cut(e.Description, " of ")
		name, _, _ := strings.Cut(rest, ":")
		b := books[name]
		if b == nil {
			b = &booked{}
			books[name] = b
		}
		b.cost -= e.Amount
		switch what {
		case "rental":
			b.rentals++
			b.rented -= e.Amount
		case "extension":
			b.extended -= e.Amount
		}
		if m := k.machines[name]; m == nil {
			t.Errorf("%s was charged for and nobody has asked for it", name)
		}
	}
	for id, seen := range k.entries {
		is, _ := json.Marshal(byID[id])
		if was, _ := json.Marshal(seen); string(is) != string(was) {
			t.Errorf("transaction %s was read as %s and is %s", id, was, is)
		}
	}
	a, err := p.send(ctx, p.key, http.MethodGet, "/account", nil)
	if err != nil {
		t.Fatal(err)
	}
	var account wire.Account
	if err := a.into(&account); err != nil || account.Balance != balance {
		t.Errorf("the balance is %s and the transactions' sum %s (%v)", account.Balance, balance, err)
	}
	return books
}

func (m *machine) check(t *testing.T, name string, inst wire.Instance, there bool, books map[string]*booked) {
	t.Helper()
	b := books[name]
	if b == nil {
		b = &booked{}
	}
	gone := !there || inst.Status == wire.InstanceStatusDeleting
	if b.rentals > 1 {
		t.Errorf("%s was rented %d times", name, b.rentals)
	}
	oneOf(t, name+" was rented", b.rentals == 1, &m.rented)
	if m.seen && !m.rented[0] {
		t.Errorf("%s was read, and was not rented", name)
	}
	if !m.rented[0] {
		if there {
			t.Errorf("%s is there and was not charged", name)
		}
		return
	}
	oneOf(t, name+" is deleted", gone, &m.deleted)
	if m.seenGone && !gone {
		t.Errorf("%s was read as gone, and is %s", name, inst.Status)
	}
	if !there {
		return
	}
	if m.answered.Id == "" {
		m.answered = inst // the answer was lost
	}
	was, is := m.answered, inst
	if is.Id != was.Id || is.OfferId != was.OfferId || is.Host.Id != was.Host.Id || is.GpuModel != was.GpuModel || is.PricePerHour != was.PricePerHour ||
		!is.CreatedAt.Equal(was.CreatedAt) || is.RentalHours != m.order.RentalHours {
		t.Errorf("%s was answered as\n%+v\nand is\n%+v", name, was, is)
	}
	if is.CostSoFar != b.cost || b.rented != is.PricePerHour*wire.Credits(is.RentalHours) || b.extended != is.PricePerHour*wire.Credits(is.ExtendedHours) {
		t.Errorf("%s cost %s, and the transactions say %+v", name, is.CostSoFar, *b)
	}
	oneOf(t, name+"'s extension", is.ExtendedHours, &m.extended)
	if is.ExtendedHours < m.seenMore {
		t.Errorf("%s was read with an extension of %d hours, and has %d", name, m.seenMore, is.ExtendedHours)
	}
	oneOf(t, name+" renews itself", is.AutoRenew, &m.renews)
	key := ""
	if len(is.SshKeyIds) > 0 {
		key = string(is.SshKeyIds[0])
	}
	oneOf(t, name+"'s SSH key", key, &m.keys)
	if !gone {
		oneOf(t, name+" is stopped", is.Status == wire.InstanceStatusStopping || is.Status == wire.InstanceStatusStopped, &m.stopped)
	}
}

// send rents a machine again, as a client does that got no answer: it must get
// the one that there is.
func (m *machine) send(t *testing.T, ctx context.Context, p *process, there bool) {
	t.Helper()
	if m.answered.Id != "" && (!there || m.seen) {
		return
	}
	a, err := p.send(ctx, p.key, http.MethodPost, "/gpu-instances", m.order, "Idempotency-Key", m.token)
	if err != nil {
		t.Fatal(err)
	}
	var again wire.Instance
	if !a.ok() {
		return // there is no room for it any more
	}
	if err := a.into(&again); err != nil {
		t.Fatal(err)
	}
	if m.rented[0] && m.answered.Id != "" && again.Id != m.answered.Id {
		t.Errorf("%s is %s, and rented again it is %s", m.order.Name, m.answered.Id, again.Id)
	}
	m.rented, m.answered = []bool{true}, again
}

// oneOf checks that something is as it can be, and from now on it is that.
func oneOf[T comparable](t *testing.T, what string, is T, possible *[]T) {
	t.Helper()
	if !slices.Contains(*possible, is) {
		t.Errorf("%s: %v, and it can only be %v", what, is, *possible)
	}
	*possible = []T{is}
}
