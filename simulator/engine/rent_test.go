package engine_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

func TestRentChargesThePeriodAndTakesTheGPUs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	spec := engine.Spec{OfferID: big, OS: engine.Linux, GPUCount: 3, StorageGB: 100, RentalHours: 7}
	quote, err := w.Quote(spec)
	if err != nil || quote.PrepaidTotal != 21*engine.Credit/2 || quote.PricePerHour != 3*engine.Credit/2 ||
		quote.StoragePricePerMonth != 20*engine.Credit || !quote.Available || !w.Affordable(quote) {
		t.Fatalf("the quote is %+v (%v)", quote, err)
	}
	if w.Balance() != 1000*engine.Credit || w.free(big) != 4 {
		t.Error("a quote rented something")
	}

	inst := w.rent("trainer", func(r *engine.RentRequest) { r.Spec = spec })
	if inst.CostSoFar != quote.PrepaidTotal || w.Balance() != 1000*engine.Credit-quote.PrepaidTotal {
		t.Errorf("it cost %d and %d are left, want %d as quoted", inst.CostSoFar, w.Balance(), quote.PrepaidTotal)
	}
	if inst.VCPUs != 48 || inst.RAMGB != 192 || inst.GPUVRAMGB != 24 || inst.GPUModel != "RTX 4090" || inst.PricePerHour != quote.PricePerHour {
		t.Errorf("it is %+v, want three GPUs' worth", inst)
	}
	if o, _ := w.Offer(big); o.GPUsAvailable != 1 || o.DiskAvailableGB != 900 {
		t.Errorf("the host has %d GPUs and %d GB left, want 1 and 900", o.GPUsAvailable, o.DiskAvailableGB)
	}
}

func TestValidationNamesEveryBadField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rent("taken")
	for name, tc := range map[string]struct {
		change func(*engine.RentRequest)
		want   []string
	}{
		"everything": {func(r *engine.RentRequest) {
			*r = engine.RentRequest{SSHKeyIDs: []string{"key_nobody"}, Password: "x"}
		}, []string{"gpu_count", "name", "offer_id", "os", "rental_hours", "ssh_key_ids", "storage_gb"}},
		"too much": {func(r *engine.RentRequest) {
			r.GPUCount, r.StorageGB, r.RentalHours = 17, 65537, 8761
		}, []string{"gpu_count", "rental_hours", "storage_gb"}},
		"no such offer":        {func(r *engine.RentRequest) { r.OfferID = "off_nothing" }, []string{"offer_id"}},
		"a name twice":         {func(r *engine.RentRequest) { r.Name = "taken" }, []string{"name"}},
		"a name too long":      {func(r *engine.RentRequest) { r.Name = strings.Repeat("x", 64) }, []string{"name"}},
		"a name with a slash":  {func(r *engine.RentRequest) { r.Name = "a/b" }, []string{"name"}},
		"a name with a dash":   {func(r *engine.RentRequest) { r.Name = "-a" }, []string{"name"}},
		"a name with an end":   {func(r *engine.RentRequest) { r.Name = "a " }, []string{"name"}},
		"a name with a line":   {func(r *engine.RentRequest) { r.Name = "a\n" }, []string{"name"}},
		"a name of the world":  {func(r *engine.RentRequest) { r.Name = "größe" }, []string{"name"}},
		"Windows where it not": {windows("Correct-Horse-42", small), []string{"os"}},
		"Windows, no password": {windows("", big), []string{"password"}},
		"Linux, password":      {func(r *engine.RentRequest) { r.Password = "Correct-Horse-42" }, []string{"password"}},
		"Windows, SSH keys": {func(r *engine.RentRequest) {
			windows("Correct-Horse-42", big)(r)
			r.SSHKeyIDs = []string{"key_nobody"}
		}, []string{"ssh_key_ids"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.Rent(request("fine", tc.change))
			e := refused(t, err, engine.CodeValidation)
			if got := slices.Sorted(maps.Keys(e.Fields)); !slices.Equal(got, tc.want) {
				t.Errorf("bad fields are %v, want %v", got, tc.want)
			}
		})
	}
	if len(w.all()) != 1 || w.free(big) != 3 {
		t.Error("a refused rental rented something")
	}
}

func windows(password, offer string) func(*engine.RentRequest) {
	return func(r *engine.RentRequest) { r.OS, r.Password, r.OfferID = engine.Windows, password, offer }
}

// The rule is documented: ten characters, an upper-case and a lower-case letter,
// a digit and a symbol.
func TestWindowsPasswords(t *testing.T) {
	t.Parallel()
	for password, fits := range map[string]bool{
		"Correct-Horse-42": true,
		"Aa1!aaaaaa":       true,
		"Äö1!öööööö":       true, // ten characters, if more bytes
		"Aa1!aaaaa":        false,
		"Äö1!ööö":          false, // ten bytes, but seven characters
		"aa1!aaaaaa":       false,
		"AA1!AAAAAA":       false,
		"Aab!aaaaaa":       false,
		"Aa1baaaaaa":       false,
		"":                 false,
	} {
		err := newWorld(t).CheckRent(request("x", windows(password, big)))
		if got := err == nil; got != fits {
			t.Errorf("%q: %v, want it to fit: %v", password, err, fits)
		}
	}
}

func TestCapacityIsRefusedBeforeCredits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, credits(50))
	w.rent("a", func(r *engine.RentRequest) { r.GPUCount = 3 })
	for name, change := range map[string]func(*engine.RentRequest){
		"too few GPUs":  func(r *engine.RentRequest) { r.GPUCount = 2 },
		"too many GPUs": func(r *engine.RentRequest) { r.OfferID, r.GPUCount = small, 16 },
		"too few GB":    gigabytes(991),
	} {
		_, err := w.Rent(request("b", change))
		if e := refused(t, err, engine.CodeNoCapacity); !strings.Contains(e.Message, "off_") {
			t.Errorf("%s: %q does not name the offer", name, e.Message)
		}
	}
	_, err := w.Rent(request("b", func(r *engine.RentRequest) { r.RentalHours = 100 }))
	refused(t, err, engine.CodeInsufficientCredits)
	if w.free(big) != 1 || len(w.all()) != 1 {
		t.Error("a refused rental rented something")
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.rent("trainer")
	w.do(w.Delete(first.ID))
	_, err := w.Rent(request("trainer"))
	refused(t, err, engine.CodeValidation) // taken until it is gone
	w.pass(timings.Deleting)
	if second := w.rent("trainer"); second.ID == first.ID {
		t.Error("two instances have one id")
	}

	w = newWorld(t, policy(engine.Policy{AllowDuplicateNames: true}))
	if a, b := w.rent("same"), w.rent("same"); a.ID == b.ID {
		t.Error("two instances have one id")
	}
}

func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()
	keyed := func(r *engine.RentRequest) { r.IdempotencyKey = "k" }
	w := newWorld(t)
	first := w.rent("trainer", keyed)
	w.pass(boot)
	if again := w.rent("trainer", keyed); again.ID != first.ID || again.Status != engine.StatusPending {
		t.Errorf("again it is %s, %s; want the first answer, %s, pending", again.ID, again.Status, first.ID)
	}
	_, err := w.Rent(request("other", keyed))
	if e := refused(t, err, engine.CodeValidation); e.Fields["Idempotency-Key"] == nil {
		t.Errorf("the refusal names %v, want Idempotency-Key", e.Fields)
	}
	// The same key for an extension is another request, too.
	_, err = w.Extend(first.ID, 1, "k")
	refused(t, err, engine.CodeValidation)

	balance := w.Balance()
	w.do(w.Extend(first.ID, 1, "e"))
	w.do(w.Extend(first.ID, 1, "e"))
	if got := w.is(first.ID, engine.StatusRunning).ExtendedHours; got != 1 || balance-w.Balance() != engine.Credit/2 {
		t.Errorf("extended twice with one key it has %d h more for %d, want 1 h", got, balance-w.Balance())
	}
	w.do(w.Extend(first.ID, 1, ""))
	w.do(w.Extend(first.ID, 1, ""))
	if got := w.is(first.ID, engine.StatusRunning).ExtendedHours; got != 3 {
		t.Errorf("without a key two extensions added %d h, want 2", got-1)
	}
}

func TestARefusalIsNotKeptUnderItsIdempotencyKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t, credits(1))
	r := request("trainer", func(r *engine.RentRequest) { r.IdempotencyKey = "k" })
	_, err := w.Rent(r)
	refused(t, err, engine.CodeInsufficientCredits)
	w.Deposit(20*engine.Credit, "top-up")
	w.do(w.Rent(r))
}

func TestIdempotencyKeysCanBeIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t, policy(engine.Policy{IgnoreIdempotencyKeys: true}))
	r := request("trainer", func(r *engine.RentRequest) { r.IdempotencyKey = "k" })
	w.do(w.Rent(r))
	_, err := w.Rent(r)
	refused(t, err, engine.CodeValidation) // the name is taken
}

func TestRefundOnDelete(t *testing.T) {
	t.Parallel()
	w := newWorld(t, policy(engine.Policy{RefundOnDelete: true}))
	inst := w.running("trainer")
	w.pass(90 * time.Minute)
	before := w.Balance()
	w.do(w.Delete(inst.ID))
	w.do(w.Delete(inst.ID)) // once is enough
	if got := w.Balance() - before; got != 22*engine.Credit/2 {
		t.Errorf("after an hour and a half of 24 h %d come back, want the 22 whole hours at half a credit", got)
	}
}
