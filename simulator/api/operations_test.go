package api_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
)

// A day in the life of an account, through every operation of the contract.
func TestEveryOperation(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	var done []string
	try := func(operation, method, path string, body any, status int) *answer {
		t.Helper()
		done = append(done, operation)
		return c.call(method, path, body).is(status)
	}

	offers := into[wire.OfferPage](try("listOffers", "GET", "/gpu-instances/offers?os=windows", nil, 200))
	offer := into[wire.Offer](try("getOffer", "GET", "/gpu-instances/offers/"+string(offers.Data[0].Id), nil, 200))
	if offer.Id != offers.Data[0].Id || offer.StoragePricePerGbMonth != wire.Credit/5 {
		t.Errorf("the offer is %+v, want %+v", offer, offers.Data[0])
	}
	spec := object{"offer_id": offer.Id, "os": "linux", "gpu_count": 1, "storage_gb": 10, "rental_hours": 2}
	quote := into[wire.Quote](try("quoteInstance", "POST", "/gpu-instances/quote", spec, 200))
	if quote.PrepaidTotal != 2*offer.PricePerGpuHour || !quote.Affordable || !quote.Available || quote.Balance != 100*wire.Credit {
		t.Errorf("the quote is %+v for an offer at %s", quote, offer.PricePerGpuHour)
	}

	key := into[wire.SshKey](try("createSshKey", "POST", "/ssh-keys", object{"name": "laptop", "public_key": keyA + " me@laptop"}, 201))
	if key.PublicKey != keyA || !strings.HasPrefix(key.Fingerprint, "SHA256:") {
		t.Errorf("the key is %+v", key)
	}
	sshKey := "/ssh-keys/" + string(key.Id)
	renamedKey := into[wire.SshKey](try("updateSshKey", "PATCH", sshKey, object{"name": "desktop"}, 200))
	if got := into[wire.SshKey](try("getSshKey", "GET", sshKey, nil, 200)); got != renamedKey || got.Name != "desktop" {
		t.Errorf("the key is %+v, want %+v", got, renamedKey)
	}
	if keys := into[wire.SshKeyPage](try("listSshKeys", "GET", "/ssh-keys", nil, 200)); len(keys.Data) != 1 || keys.Meta.Total != 1 {
		t.Errorf("the keys are %+v", keys)
	}

	spec["name"], spec["ssh_key_ids"] = "trainer", []wire.ID{key.Id}
	created := into[wire.Instance](try("createInstance", "POST", "/gpu-instances", spec, 201))
	if created.Status != wire.InstanceStatusPending || created.Connection != nil || created.ExpiresAt != nil || created.CostSoFar != quote.PrepaidTotal {
		t.Errorf("created it is %+v", created)
	}
	path := "/gpu-instances/" + string(created.Id)
	try("getInstance", "GET", path, nil, 200)
	running := c.await(created.Id, wire.InstanceStatusRunning)
	if at := running.Connection; at == nil || at.Protocol != wire.ConnectionProtocolSsh || at.Username != "root" || at.Port != 22 || at.Command != "ssh root@"+at.Host {
		t.Fatalf("running it is reached by %+v", at)
	}
	if running.ExpiresAt == nil || running.RemainingSeconds != 7200 {
		t.Errorf("running it has %d s left until %v, want 7200", running.RemainingSeconds, running.ExpiresAt)
	}

	if got := into[wire.Instance](try("updateInstance", "PATCH", path, object{"name": "trainer-b"}, 200)); got.Name != "trainer-b" {
		t.Errorf("renamed it is %s", got.Name)
	}
	if got := into[wire.Instance](try("setAutoRenew", "PUT", path+"/auto-renew", object{"enabled": true}, 200)); !got.AutoRenew {
		t.Error("auto-renew stays off")
	}
	if got := into[wire.Instance](try("setInstanceSshKeys", "PUT", path+"/ssh-keys", object{"ssh_key_ids": []string{}}, 200)); len(got.SshKeyIds) != 0 {
		t.Errorf("it lets in %v", got.SshKeyIds)
	}
	if got := into[wire.Instance](try("extendInstance", "POST", path+"/extend", object{"hours": 3}, 200)); got.ExtendedHours != 3 || got.RentalHours != 2 || got.RemainingSeconds != 5*3600 {
		t.Errorf("extended it has %d + %d hours and %d s left", got.RentalHours, got.ExtendedHours, got.RemainingSeconds)
	}
	if got := into[wire.Instance](try("stopInstance", "POST", path+"/stop", nil, 202)); got.Status != wire.InstanceStatusStopping || got.Connection != nil {
		t.Errorf("stopped it is %s", got.Status)
	}
	c.await(created.Id, wire.InstanceStatusStopped)
	if got := into[wire.Instance](try("startInstance", "POST", path+"/start", nil, 202)); got.Status != wire.InstanceStatusStarting {
		t.Errorf("started it is %s", got.Status)
	}
	if again := c.await(created.Id, wire.InstanceStatusRunning); again.Connection.Host == running.Connection.Host {
		t.Errorf("started again it has the old address %s", again.Connection.Host)
	}
	list := into[wire.InstancePage](try("listInstances", "GET", "/gpu-instances?name=trainer-b&status=running", nil, 200))
	if len(list.Data) != 1 || list.Data[0].Id != created.Id {
		t.Errorf("the list has %+v", list.Data)
	}

	account := into[wire.Account](try("getAccount", "GET", "/account", nil, 200))
	if account.Balance != 100*wire.Credit-5*offer.PricePerGpuHour || account.SpendPerHour != offer.PricePerGpuHour || account.Email == "" {
		t.Errorf("the account is %+v after 5 h at %s", account, offer.PricePerGpuHour)
	}
	transactions := into[wire.TransactionPage](try("listTransactions", "GET", "/transactions?type=charge", nil, 200))
	if len(transactions.Data) != 2 || transactions.Data[0].Amount != -3*offer.PricePerGpuHour || *transactions.Data[0].InstanceId != created.Id {
		t.Errorf("the charges are %+v, want the extension first", transactions.Data)
	}
	invoice := try("getInvoice", "GET", "/transactions/"+string(transactions.Data[0].Id)+"/invoice", nil, 200)
	for _, part := range []string{string(transactions.Data[0].Id), account.Name, transactions.Data[0].Amount.String(), "simulator"} {
		if !strings.Contains(string(invoice.body), part) {
			t.Errorf("the invoice does not have %q:\n%s", part, invoice.body)
		}
	}

	if got := into[wire.Instance](try("deleteInstance", "DELETE", path, nil, 202)); got.Status != wire.InstanceStatusDeleting {
		t.Errorf("deleted it is %s", got.Status)
	}
	c.get(created.Id) // the read that lets it go
	c.call("GET", path, nil).refused(404, "not_found")
	try("deleteSshKey", "DELETE", sshKey, nil, 204)
	c.call("GET", sshKey, nil).refused(404, "not_found")

	slices.Sort(done)
	if all := operationIDs(t); !slices.Equal(slices.Compact(done), all) {
		t.Errorf("tried %v, want %v", done, all)
	}
}

func TestWindowsIsReachedByRDP(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	inst := c.rent("desk", object{"os": "windows", "password": "Correct-Horse-42"})
	at := c.await(inst.Id, wire.InstanceStatusRunning).Connection
	if at == nil || at.Protocol != wire.ConnectionProtocolRdp || at.Username != "user" || at.Port != 3389 || !strings.Contains(at.Command, at.Host) {
		t.Errorf("it is reached by %+v", at)
	}
}

// PATCH with nothing to change answers with what is there.
func TestAnEmptyPatchChangesNothing(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	inst := c.rent("trainer", nil)
	if got := into[wire.Instance](c.call("PATCH", "/gpu-instances/"+string(inst.Id), object{}).is(200)); got.Name != "trainer" {
		t.Errorf("it is named %s", got.Name)
	}
	key := into[wire.SshKey](c.call("POST", "/ssh-keys", object{"name": "laptop", "public_key": keyA}).is(201))
	if got := into[wire.SshKey](c.call("PATCH", "/ssh-keys/"+string(key.Id), object{}).is(200)); got != key {
		t.Errorf("it is %+v", got)
	}
}

func TestThePasswordIsNeverReadable(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	const password = "Correct-Horse-42"
	var answers []*answer
	answers = append(answers, c.call("POST", "/gpu-instances", c.rental("desk", object{"os": "windows", "password": password}), "Idempotency-Key", "k").is(201))
	// The same again, and again with another password, is the first answer.
	answers = append(answers, c.call("POST", "/gpu-instances", c.rental("desk", object{"os": "windows", "password": password}), "Idempotency-Key", "k").is(201))
	path := "/gpu-instances/" + string(into[wire.Instance](answers[0]).Id)
	answers = append(answers,
		c.call("POST", "/gpu-instances", c.rental("desk", object{"os": "windows", "password": password}).with("name", "a/b")),
		c.call("POST", "/gpu-instances", c.rental("linux", object{"password": password})),
		c.call("GET", path, nil),
		c.call("GET", "/gpu-instances", nil),
		c.call("PATCH", path, object{"name": "desk-b"}),
		c.call("GET", "/transactions", nil),
		c.call("DELETE", path, nil),
	)
	for _, a := range answers {
		if strings.Contains(string(a.body), password) || strings.Contains(string(a.body), `"password":"`) {
			t.Errorf("%s shows the password: %s", a.what, a.body)
		}
	}
}

func (o object) with(field string, value any) object {
	o[field] = value
	return o
}
