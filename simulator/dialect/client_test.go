package dialect_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/dialect"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// The project's own client reads the same out of every dialect: the day of an
// account, through each of its methods.
func TestTheClientReadsEveryDialectAlike(t *testing.T) {
	t.Parallel()
	want := day(t, dialect.Dialect{})
	for _, preset := range dialect.Presets() {
		t.Run(preset.Name, func(t *testing.T) {
			t.Parallel()
			got := day(t, preset.Dialect)
			for i, read := range want {
				if got := got[i]; !reflect.DeepEqual(got, read) {
					t.Errorf("%s:\n got %v\nwant %v", read.what, got.value, read.value)
				}
			}
		})
	}
}

// read is what the client gave for one call.
type read struct {
	what  string
	value any
}

// manyHosts need a second page of offers.
const manyHosts = 130

func day(t *testing.T, d dialect.Dialect) (reads []read) {
	t.Helper()
	s := serve(t, d, simtest.Hosts(manyHosts))
	c, ctx := client(t, s), t.Context()
	note := func(what string, value any, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		reads = append(reads, read{what, normal(t, value)})
	}

	offers, err := c.ListOffers(ctx, pictor.OfferFilter{})
	note("list offers", offers, err)
	if len(offers) <= 100 {
		t.Fatalf("%d offers fit on one page", len(offers))
	}
	windows, err := c.ListOffers(ctx, pictor.OfferFilter{OS: pictor.Windows, GpuCount: 2, MaxPricePerHour: pictor.Credit})
	note("list offers for Windows", windows, err)
	offer, err := c.GetOffer(ctx, windows[0].Id)
	note("get offer", offer, err)
	quote, err := c.Quote(ctx, pictor.QuoteRequest{OfferId: offer.Id, Os: pictor.Linux, GpuCount: 1, StorageGb: 10, RentalHours: 2})
	note("quote", quote, err)

	// As many keys as an unpaged list must not have if a client takes it for a full page.
	var key pictor.SshKey
	for n := range 15 {
		key, err = c.CreateSshKey(ctx, pictor.SshKeyCreate{Name: fmt.Sprintf("key %d", n), PublicKey: publicKey(t, n)})
		note("create SSH key", key, err)
	}
	keys, err := c.ListSshKeys(ctx)
	note("list SSH keys", keys, err)
	renamed, err := c.RenameSshKey(ctx, key.Id, "desktop")
	note("rename SSH key", renamed, err)
	key, err = c.GetSshKey(ctx, key.Id)
	note("get SSH key", key, err)

	none, err := c.ListInstances(ctx, pictor.InstanceFilter{})
	note("list no instances", none, err)
	inst, err := c.CreateInstance(ctx, pictor.InstanceCreate{
		Name: "trainer", OfferId: offer.Id, Os: pictor.Linux, GpuCount: 1, StorageGb: 10, RentalHours: 2, SshKeyIds: &[]pictor.ID{key.Id},
	}, "token-1")
	note("create instance", inst, err)
	get := func(what string) {
		t.Helper()
		read, err := c.GetInstance(ctx, inst.Id)
		note("get instance: "+what, read, err)
	}
	settle := func() { s.sim.Advance(10 * time.Second) }
	change := func(what string, make func(context.Context, pictor.ID) (pictor.Instance, error)) {
		t.Helper()
		changed, err := make(ctx, inst.Id)
		note(what, changed, err)
	}
	get("on its way")
	settle()
	get("running")
	change("rename", func(ctx context.Context, id pictor.ID) (pictor.Instance, error) {
		return c.RenameInstance(ctx, id, "b")
	})
	change("set auto-renew", func(ctx context.Context, id pictor.ID) (pictor.Instance, error) { return c.SetAutoRenew(ctx, id, true) })
	change("set SSH keys", func(ctx context.Context, id pictor.ID) (pictor.Instance, error) {
		return c.SetInstanceSshKeys(ctx, id, nil)
	})
	change("extend", func(ctx context.Context, id pictor.ID) (pictor.Instance, error) {
		return c.ExtendInstance(ctx, id, 3, "token-2")
	})
	change("stop", c.StopInstance)
	settle()
	get("stopped")
	change("start", c.StartInstance)
	settle()
	found, err := c.FindInstance(ctx, "b")
	note("find instance", found, err)
	running, err := c.ListInstances(ctx, pictor.InstanceFilter{Status: pictor.StatusRunning})
	note("list running instances", running, err)

	note("delete instance", nil, c.DeleteInstance(ctx, inst.Id))
	settle()
	_, err = c.GetInstance(ctx, inst.Id)
	if !pictor.IsCode(err, pictor.CodeNotFound) {
		t.Errorf("get deleted instance: %v, want not found", err)
	}
	if proven := inWords(d.Errors); pictor.IsGone(err) != proven {
		t.Errorf("that it is gone is proven: %t, want %t", !proven, proven)
	}
	none, err = c.ListInstances(ctx, pictor.InstanceFilter{})
	note("list instances after the delete", none, err)
	note("delete SSH key", nil, c.DeleteSshKey(ctx, key.Id))
	keys, err = c.ListSshKeys(ctx)
	note("list the other SSH keys", keys, err)

	account, err := c.GetAccount(ctx)
	note("get account", account, err)
	charges, err := c.ListTransactions(ctx, pictor.TransactionFilter{Type: pictor.TransactionCharge})
	note("list charges", charges, err)
	invoice, err := c.GetInvoice(ctx, charges[0].Id)
	note("get invoice", invoice, err)
	return reads
}

func client(t *testing.T, s *service) *pictor.Client {
	t.Helper()
	c, err := pictor.New(pictor.Config{Endpoint: s.URL + "/api", APIKey: s.sim.APIKey})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func publicKey(t *testing.T, n int) string {
	t.Helper()
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = byte(n)
	key, err := ssh.NewPublicKey(ed25519.NewKeyFromSeed(seed).Public())
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
}

// otherNames are statuses that the client hands on as they come, since it does
// not know them.
var otherNames = strings.NewReplacer("creating", "pending", "initializing", "provisioning",
	"booting", "starting", "shutting_down", "stopping", "destroying", "deleting")

// normal is a value of the client without what it promises to keep as it came:
// the spelling of statuses, systems and types, the zone of a time, and whether a
// list that is empty is there.
func normal(t *testing.T, value any) any {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return normalJSON("", v)
}

func normalJSON(field string, value any) any {
	switch v := value.(type) {
	case []any:
		if len(v) == 0 {
			return nil
		}
		for i := range v {
			v[i] = normalJSON(field, v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = normalJSON(name, v[name])
		}
	case string:
		if field == "status" || field == "os" || field == "type" {
			return otherNames.Replace(strings.ToLower(v))
		}
		if moment, err := time.Parse(time.RFC3339, v); err == nil {
			return moment.UTC()
		}
	}
	return value
}
