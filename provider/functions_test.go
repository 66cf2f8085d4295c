package provider_test

import (
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

func (s *stack) invoke(function string, args props) (property.Map, error) {
	s.t.Helper()
	resp, err := s.server.Invoke(p.InvokeRequest{Token: tokens.Type("pictor:index:" + function), Args: property.NewMap(args)})
	if err == nil && len(resp.Failures) > 0 {
		s.t.Fatalf("%s: %v", function, resp.Failures)
	}
	return resp.Return, err
}

func (s *stack) mustInvoke(function string, args props) property.Map {
	s.t.Helper()
	out, err := s.invoke(function, args)
	if err != nil {
		s.t.Fatalf("%s: %v", function, err)
	}
	return out
}

func TestFunctionsOfTheMarket(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	all := s.mustInvoke("getOffers", nil).Get("offers").AsArray()
	if all.Len() != 240 {
		t.Errorf("%d offers, not all 240", all.Len())
	}
	cheap := s.mustInvoke("getOffers", props{
		"os": text("windows"), "gpuModel": text("rtx 4090"), "gpuCount": number(2), "minVramGb": number(24), "maxPricePerGpuHour": text("0.40"),
	}).Get("offers").AsArray()
	if cheap.Len() == 0 || cheap.Len() >= all.Len() {
		t.Fatalf("%d offers fit", cheap.Len())
	}
	last := 0.0
	for _, o := range cheap.All {
		offer := o.AsMap()
		wantText(t, offer, "gpuModel", "RTX 4090")
		if n := offer.Get("gpusAvailable").AsNumber(); n < 2 {
			t.Errorf("an offer has only %v GPUs", n)
		}
		if price := parse(t, offer.Get("pricePerGpuHour")); price < last || price > 0.40 {
			t.Errorf("price %v comes after %v", price, last)
		} else {
			last = price
		}
	}
	first := cheap.Get(0).AsMap()
	one := s.mustInvoke("getOffer", props{"offerId": first.Get("offerId")})
	if !property.New(one).Equals(property.New(first)) {
		t.Errorf("getOffer says %v, getOffers %v", one, first)
	}
	quote := s.mustInvoke("getQuote", props{"offerId": first.Get("offerId"), "gpuCount": number(2), "rentalHours": number(10)})
	if got, want := parse(t, quote.Get("prepaidTotal")), 20*parse(t, first.Get("pricePerGpuHour")); got-want > 1e-9 || want-got > 1e-9 {
		t.Errorf("20 GPU hours cost %v, not %v", got, want)
	}
	_, err := s.invoke("getOffers", props{"maxPricePerGpuHour": text("cheap")})
	wantError(t, err, "maxPricePerGpuHour")
	_, err = s.invoke("getOffer", props{"offerId": text("off_nothing")})
	wantError(t, err, "off_nothing")
}

func TestFunctionsOfTheAccount(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	key := s.mustCreate(sshKeyType, "laptop", props{"publicKey": text(ed25519Key), "name": text("laptop")})
	r := s.mustCreate(instanceType, "trainer", with(trainer, props{"name": text("mine")}))

	for _, args := range []props{{"instanceId": text(r.id)}, {"name": text("mine")}} {
		inst := s.mustInvoke("getInstance", args)
		wantText(t, inst, "instanceId", r.id)
		wantText(t, inst, "status", "running")
	}
	for status, n := range map[string]int{"running": 1, "stopped": 0} {
		if got := s.mustInvoke("getInstances", props{"status": text(status)}).Get("instances").AsArray().Len(); got != n {
			t.Errorf("%d instances are %s, not %d", got, status, n)
		}
	}
	for _, args := range []props{{"sshKeyId": text(key.id)}, {"name": text("laptop")}, {"fingerprint": key.state.Get("fingerprint")}} {
		wantText(t, s.mustInvoke("getSshKey", args), "sshKeyId", key.id)
	}
	if n := s.mustInvoke("getSshKeys", nil).Get("sshKeys").AsArray().Len(); n != 1 {
		t.Errorf("%d SSH keys, not 1", n)
	}
	account := s.mustInvoke("getAccount", nil)
	sum := 0.0
	transactions := s.mustInvoke("getTransactions", nil).Get("transactions").AsArray()
	for _, v := range transactions.All {
		sum += parse(t, v.AsMap().Get("amount"))
	}
	if balance := parse(t, account.Get("balance")); sum-balance > 1e-9 || balance-sum > 1e-9 {
		t.Errorf("the transactions sum up to %v, the balance is %v", sum, balance)
	}
	if n := s.mustInvoke("getTransactions", props{"type": text("charge")}).Get("transactions").AsArray().Len(); n != 1 {
		t.Errorf("%d charges, not 1", n)
	}

	for function, args := range map[string]props{
		"getInstance": {"name": text("nobody")},
		"getSshKey":   {"name": text("nobody")},
	} {
		_, err := s.invoke(function, args)
		wantError(t, err, "")
	}
	_, err := s.invoke("getInstance", props{"name": text("a"), "instanceId": text("b")})
	wantError(t, err, "either")
	_, err = s.invoke("getSshKey", nil)
	wantError(t, err, "sshKeyId")
}
