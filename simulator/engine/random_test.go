package engine_test

import (
	"fmt"
	"net/netip"
	"regexp"
	"testing"

	"pgregory.net/rapid"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// The order in which requests arrive changes no id, name or address.
func TestOrderOfArrivalChangesNothing(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b", "c", "d"}
	type identity struct{ id, address string }
	identities := func(order []string) map[string]identity {
		w := newWorld(t)
		for _, name := range order {
			w.rent(name)
		}
		w.pass(boot)
		found := map[string]identity{}
		for _, inst := range w.all() {
			found[inst.Name] = identity{inst.ID, inst.Address}
		}
		return found
	}
	want := identities(names)
	rapid.Check(t, func(rt *rapid.T) {
		order := rapid.Permutation(names).Draw(rt, "order")
		if got := identities(order); fmt.Sprint(got) != fmt.Sprint(want) {
			rt.Fatalf("in the order %v: %v, want %v", order, got, want)
		}
	})
}

func TestTheSeedDecidesIdsAndAddresses(t *testing.T) {
	t.Parallel()
	one, same := newWorld(t).running("x"), newWorld(t).running("x")
	other := newWorld(t, func(c *engine.Config) { c.Seed = 2 }).running("x")
	if one.ID != same.ID || one.Address != same.Address {
		t.Errorf("one seed made %s at %s and %s at %s", one.ID, one.Address, same.ID, same.Address)
	}
	if one.ID == other.ID || one.Address == other.Address {
		t.Errorf("two seeds made %s at %s and %s at %s", one.ID, one.Address, other.ID, other.Address)
	}
	if !regexp.MustCompile(`^ins_[a-z0-9]{12}$`).MatchString(one.ID) {
		t.Errorf("the id is %s", one.ID)
	}
	if !netip.MustParsePrefix("198.18.0.0/15").Contains(netip.MustParseAddr(one.Address)) {
		t.Errorf("the address %s is none of RFC 2544's", one.Address)
	}
}
