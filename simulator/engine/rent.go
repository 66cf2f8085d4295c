package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Spec is what is rented.
type Spec struct {
	OfferID     string
	OS          OS
	GPUCount    int
	StorageGB   int
	RentalHours int
}

// RentRequest is a rental.
type RentRequest struct {
	Spec
	Name      string
	AutoRenew bool
	SSHKeyIDs []string
	// Password is for Windows; it is checked and then forgotten.
	Password string
	// IdempotencyKey, if any, makes the same request again return the first answer.
	IdempotencyKey string
}

// Quote is the price of a Spec.
type Quote struct {
	Available            bool
	PricePerHour         Credits
	PrepaidTotal         Credits
	StoragePricePerMonth Credits
}

// Affordable tells whether the balance carries the quote.
func (w *World) Affordable(q Quote) bool { return w.ledger.balance >= q.PrepaidTotal }

// Limits of the contract.
const (
	maxGPUs      = 16
	minStorageGB = 10
	maxStorageGB = 65536
	maxHours     = 8760
	// maxExtendedHours bounds all extensions of a rental together, ten years, so
	// that no period outgrows what a duration and a date can hold.
	maxExtendedHours = 10 * maxHours
)

// Quote prices a specification and rents nothing.
func (w *World) Quote(s Spec) (Quote, error) {
	bad := Fields{}
	offer := w.checkSpec(bad, s)
	if err := bad.Err(); err != nil {
		return Quote{}, err
	}
	return quote(offer, s), nil
}

// CheckSpec is the validation error that Quote would answer with, if any, with
// every bad field at once.
func (w *World) CheckSpec(s Spec) error {
	bad := Fields{}
	w.checkSpec(bad, s)
	return bad.Err()
}

func quote(o *Offer, s Spec) Quote {
	perHour := o.PricePerGPUHour * Credits(s.GPUCount)
	return Quote{
		Available:            o.GPUsAvailable >= s.GPUCount && o.DiskAvailableGB >= s.StorageGB,
		PricePerHour:         perHour,
		PrepaidTotal:         perHour * Credits(s.RentalHours),
		StoragePricePerMonth: StoragePricePerGBMonth * Credits(s.StorageGB),
	}
}

// CheckRent is the validation error that Rent would answer with, if any, with
// every bad field at once.
func (w *World) CheckRent(r RentRequest) error {
	_, err := w.checkRent(r)
	return err
}

// checkRent is CheckRent; it finds the offer, too.
func (w *World) checkRent(r RentRequest) (*Offer, error) {
	bad := Fields{}
	offer := w.checkSpec(bad, r.Spec)
	w.checkName(bad, r.Name, nil)
	w.checkSSHKeys(bad, r.SSHKeyIDs)
	switch r.OS {
	case Windows:
		checkPassword(bad, r.Password)
		if len(r.SSHKeyIDs) > 0 {
			bad.Add("ssh_key_ids", "are for Linux; Windows takes a password")
		}
	case Linux:
		if r.Password != "" {
			bad.Add("password", "is for Windows; Linux takes SSH keys")
		}
	}
	return offer, bad.Err()
}

// Rent takes GPUs from an offer's host, charges the whole rental period, and
// starts the new instance on its way.
func (w *World) Rent(r RentRequest) (Instance, error) {
	return w.once(r.IdempotencyKey, r.fingerprint, func() (*Instance, error) {
		offer, err := w.checkRent(r)
		if err != nil {
			return nil, err
		}
		q := quote(offer, r.Spec)
		if !q.Available {
			return nil, &Error{Code: CodeNoCapacity, Message: fmt.Sprintf(
				"offer %s has %d free %s and %d GB of storage left, not %d and %d GB",
				offer.ID, offer.GPUsAvailable, offer.GPUModel, offer.DiskAvailableGB, r.GPUCount, r.StorageGB)}
		}
		if err := w.requireCredits(q.PrepaidTotal); err != nil {
			return nil, err
		}
		offer = w.edited(offer)
		offer.take(r.GPUCount, r.StorageGB)
		ordinal := w.instances.count + 1
		inst := &Instance{
			ID:           w.instanceID(r.Name, ordinal),
			Name:         r.Name,
			OS:           r.OS,
			OfferID:      offer.ID,
			Host:         offer.Host,
			GPUModel:     offer.GPUModel,
			GPUVRAMGB:    offer.GPUVRAMGB,
			GPUCount:     r.GPUCount,
			VCPUs:        offer.VCPUsPerGPU * r.GPUCount,
			RAMGB:        offer.RAMGBPerGPU * r.GPUCount,
			StorageGB:    r.StorageGB,
			PricePerHour: q.PricePerHour,
			RentalHours:  r.RentalHours,
			AutoRenew:    r.AutoRenew,
			SSHKeyIDs:    slices.Clone(r.SSHKeyIDs),
			CreatedAt:    w.now,
			Status:       StatusPending,
			life:         life{Ordinal: ordinal, Left: hours(r.RentalHours), Doomed: doom(r.Name)},
			owner:        w.owner,
		}
		w.instances.add(inst)
		w.changed.instance(ordinal)
		w.changed.named(inst.Name)
		w.charge(inst, q.PrepaidTotal, "rental of "+inst.Name+": "+strconv.Itoa(inst.GPUCount)+" x "+inst.GPUModel+" for "+strconv.Itoa(inst.RentalHours)+" h")
		w.due.move(inst, eventStep, &inst.StepAt, w.now.Add(w.timings.Pending))
		w.scheduleStorage(inst)
		return inst, nil
	})
}

// instanceID is the identifier of a new rental: drawn for its name, so that the
// order of requests changes nothing, or its number where the policy says so.
func (w *World) instanceID(name string, ordinal int64) string {
	if w.policy.NumericIDs {
		return strconv.FormatInt(ordinal, 10)
	}
	times, _ := w.instances.timesGiven(name)
	return drawID(w.seed, "ins", name, times)
}

// fingerprint writes what is asked for, but for the password, of which not even a
// hash is kept.
func (r RentRequest) fingerprint(b []byte) []byte {
	b = append(b, "rent"...)
	for _, word := range append([]string{r.OfferID, string(r.OS), r.Name}, r.SSHKeyIDs...) {
		b = append(append(b, 0), word...)
	}
	for _, n := range []int{r.GPUCount, r.StorageGB, r.RentalHours} {
		b = strconv.AppendInt(append(b, 0), int64(n), 10)
	}
	return strconv.AppendBool(append(b, 0), r.AutoRenew)
}

// checkSpec notes what is wrong with a specification, and finds the offer.
func (w *World) checkSpec(bad Fields, s Spec) *Offer {
	offer, ok := w.market.offer(s.OfferID)
	switch {
	case s.OfferID == "":
		bad.Add("offer_id", "is required")
	case !ok:
		bad.Add("offer_id", "%q is not an offer", s.OfferID)
	}
	if s.GPUCount < 1 || s.GPUCount > maxGPUs {
		bad.Add("gpu_count", "must be 1 to %d", maxGPUs)
	}
	if s.StorageGB < minStorageGB || s.StorageGB > maxStorageGB {
		bad.Add("storage_gb", "must be %d to %d", minStorageGB, maxStorageGB)
	}
	checkHours(bad, "rental_hours", s.RentalHours)
	switch {
	case s.OS != Linux && s.OS != Windows:
		bad.Add("os", "must be linux or windows")
	case ok && !slices.Contains(offer.OS, s.OS):
		bad.Add("os", "offer %s does not run %s", s.OfferID, s.OS)
	}
	return offer
}

func checkHours(bad Fields, field string, n int) {
	if n < 1 || n > maxHours {
		bad.Add(field, "must be 1 to %d", maxHours)
	}
}

// checkName notes what is wrong with the name of an instance; self is the one
// that has it already, if any.
func (w *World) checkName(bad Fields, name string, self *Instance) {
	if !isName(name) {
		bad.Add("name", "must have 1 to 63 letters, digits, spaces, dots, underscores or hyphens, begin with a letter or digit and not end with a space")
	}
	if w.policy.AllowDuplicateNames {
		return
	}
	for _, ordinal := range w.instances.withName(name) {
		if self == nil || self.Ordinal != ordinal {
			bad.Add("name", "has already been taken")
		}
	}
}

// isName tells whether an instance may have a name, as the contract has it.
func isName(name string) bool {
	const others = " ._-"
	fits := name != "" && len(name) <= 63 && !strings.ContainsRune(others, rune(name[0])) && !strings.HasSuffix(name, " ")
	for _, r := range name {
		fits = fits && (r <= unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune(others, r))
	}
	return fits
}

// checkPassword applies the documented rule for Windows passwords.
func checkPassword(bad Fields, p string) {
	var upper, lower, digit, symbol bool
	for _, r := range p {
		switch {
		case unicode.IsUpper(r):
			upper = true
		case unicode.IsLower(r):
			lower = true
		case unicode.IsDigit(r):
			digit = true
		default:
			symbol = true
		}
	}
	if utf8.RuneCountInString(p) < 10 || !upper || !lower || !digit || !symbol {
		bad.Add("password", "must have at least 10 characters with an upper-case letter, a lower-case letter, a digit and a symbol")
	}
}

func hours(n int) time.Duration { return time.Duration(n) * time.Hour }
