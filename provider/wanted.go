package provider

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/agext/levenshtein"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// wanted is what an offer must have to be rented.
type wanted struct {
	os        pictor.OS
	models    []string // the most wanted first; none is any
	fallbacks bool     // the models were asked for as a list
	offerID   string   // "" is any
	country   string   // "" is any
	gpuCount  int
	storageGB int
	ceiling   pictor.Credits // for all GPUs together and hour; 0 is none
	patience  time.Duration  // how long to wait for such an offer

	budget *groupBudget                // nil is none
	prefer func(a, b pictor.Offer) int // which is to be taken before the cheaper; nil is neither
}

// wantedOf reads inputs that Check has checked.
func wantedOf(args InstanceArgs) wanted {
	w := wanted{
		os:        pictor.OS(value(args.OS)),
		models:    args.GPUModels,
		fallbacks: len(args.GPUModels) > 0,
		offerID:   value(args.OfferID),
		country:   value(args.Country),
		gpuCount:  value(args.GPUCount),
		storageGB: value(args.StorageGB),
	}
	if model := value(args.GPUModel); model != "" {
		w.models = []string{model}
	}
	if args.MaxPricePerHour != nil {
		w.ceiling, _ = pictor.ParseCredits(*args.MaxPricePerHour)
	}
	if args.CapacityWait != nil {
		w.patience, _ = time.ParseDuration(*args.CapacityWait)
	}
	return w
}

func (w wanted) price(o pictor.Offer) pictor.Credits {
	return o.PricePerGpuHour * pictor.Credits(w.gpuCount)
}

// rank is the place of an offer's model among those that are wanted; negative
// when it is none of them.
func (w wanted) rank(o pictor.Offer) int {
	return slices.IndexFunc(w.models, func(model string) bool { return strings.EqualFold(model, o.GpuModel) })
}

// A condition is one thing that is asked of an offer.
type condition struct {
	text string // what is asked, for a person
	met  func(pictor.Offer) bool
}

func (w wanted) conditions() []condition {
	var all []condition
	ask := func(met func(pictor.Offer) bool, format string, args ...any) {
		all = append(all, condition{fmt.Sprintf(format, args...), met})
	}
	if w.offerID != "" {
		ask(func(o pictor.Offer) bool { return string(o.Id) == w.offerID }, "offerId %s", w.offerID)
	}
	if len(w.models) > 0 {
		ask(func(o pictor.Offer) bool { return w.rank(o) >= 0 }, "%s %s", w.modelInput(), strings.Join(w.models, " or "))
	}
	if w.country != "" {
		ask(func(o pictor.Offer) bool { return strings.EqualFold(o.Host.Country, w.country) }, "country %s", w.country)
	}
	runs := func(os pictor.OS) bool { return strings.EqualFold(string(os), string(w.os)) }
	ask(func(o pictor.Offer) bool { return slices.ContainsFunc(o.Os, runs) }, "os %s", w.os)
	ask(func(o pictor.Offer) bool { return o.GpusAvailable >= w.gpuCount }, "gpuCount %d", w.gpuCount)
	ask(func(o pictor.Offer) bool { return o.DiskAvailableGb >= w.storageGB }, "storageGb %d", w.storageGB)
	if w.ceiling > 0 {
		ask(func(o pictor.Offer) bool { return w.price(o) <= w.ceiling }, "maxPricePerHour %s", w.ceiling)
	}
	if w.budget != nil {
		ask(func(o pictor.Offer) bool { return w.budget.covers(w.price(o)) }, "%s", w.budget)
	}
	return all
}

// modelInput is the input that asks for the models.
func (w wanted) modelInput() string {
	if w.fallbacks {
		return "gpuModels"
	}
	return "gpuModel"
}

// unmet are the conditions that an offer does not meet.
func unmet(conditions []condition, o pictor.Offer) (texts []string) {
	for _, c := range conditions {
		if !c.met(o) {
			texts = append(texts, c.text)
		}
	}
	return texts
}

// fitting are the offers that have all that is wanted: those of the model that
// is wanted most first, of one model the cheapest first; equally cheap ones by
// reliability, then by id.
func (w wanted) fitting(offers []pictor.Offer) []pictor.Offer {
	conditions := w.conditions()
	fit := slices.DeleteFunc(slices.Clone(offers), func(o pictor.Offer) bool { return len(unmet(conditions, o)) > 0 })
	slices.SortFunc(fit, func(a, b pictor.Offer) int {
		return cmp.Or(cmp.Compare(w.rank(a), w.rank(b)), w.preference(a, b), cmp.Compare(a.PricePerGpuHour, b.PricePerGpuHour),
			-cmp.Compare(a.Host.Reliability, b.Host.Reliability), cmp.Compare(a.Id, b.Id))
	})
	return fit
}

// noCapacity is the error of a market in which nothing fits.
type noCapacity struct{ text string }

func (e *noCapacity) Error() string { return e.text }

// noneFits says what was asked for, which single condition, if it were dropped,
// would let an offer fit, or else which offers are the nearest.
func (w wanted) noneFits(offers []pictor.Offer) error {
	conditions := w.conditions()
	var asked []string
	for _, c := range conditions {
		asked = append(asked, c.text)
	}
	lines := []string{fmt.Sprintf("none of the %d offers fits %s; nothing was rented", len(offers), strings.Join(asked, ", "))}
	lines = append(lines, w.unknownModels(offers)...)
	lines = append(lines, w.unknownCountry(offers)...)
	alone := map[string][]pictor.Offer{} // by the only condition that they do not meet
	for _, o := range offers {
		if missing := unmet(conditions, o); len(missing) == 1 {
			alone[missing[0]] = append(alone[missing[0]], o)
		}
	}
	for _, text := range asked {
		if near := alone[text]; len(near) > 0 {
			lines = append(lines, fmt.Sprintf("without %s: %d offers, the cheapest %s", text, len(near), w.describe(slices.MinFunc(near, cheaper))))
		}
	}
	if len(alone) == 0 && len(offers) > 0 {
		lines = append(lines, "relax more than one of these, or see getOffers for what there is; the nearest offers are")
		near := slices.Clone(offers)
		slices.SortFunc(near, func(a, b pictor.Offer) int {
			return cmp.Or(cmp.Compare(len(unmet(conditions, a)), len(unmet(conditions, b))), cheaper(a, b))
		})
		for _, o := range near[:min(len(near), 3)] {
			lines = append(lines, fmt.Sprintf("%s: not %s", w.describe(o), strings.Join(unmet(conditions, o), ", not ")))
		}
	}
	return &noCapacity{strings.Join(lines, "\n  ")}
}

func cheaper(a, b pictor.Offer) int {
	return cmp.Or(cmp.Compare(a.PricePerGpuHour, b.PricePerGpuHour), cmp.Compare(a.Id, b.Id))
}

// describe says of an offer what it has, and costs for all GPUs that are wanted;
// where it has fewer, for one.
func (w wanted) describe(o pictor.Offer) string {
	text := fmt.Sprintf("%s with %d free %s in %s at %s credits/h", o.Id, o.GpusAvailable, o.GpuModel, o.Host.Country, w.price(o))
	if o.GpusAvailable < w.gpuCount {
		text = fmt.Sprintf("%s with %d free %s in %s at %s credits/h each", o.Id, o.GpusAvailable, o.GpuModel, o.Host.Country, o.PricePerGpuHour)
	}
	if o.DiskAvailableGb < w.storageGB {
		text += fmt.Sprintf(", with %d GB free", o.DiskAvailableGb)
	}
	return text
}

// unknownCountry tells where there are offers when the wanted country has none.
func (w wanted) unknownCountry(offers []pictor.Offer) []string {
	var countries []string
	for _, o := range offers {
		countries = append(countries, strings.ToUpper(o.Host.Country))
	}
	slices.Sort(countries)
	countries = slices.Compact(countries)
	if w.country == "" || len(countries) == 0 || slices.Contains(countries, strings.ToUpper(w.country)) {
		return nil
	}
	return []string{fmt.Sprintf("no offer is in the country %s now; there are offers in %s", w.country, strings.Join(countries, ", "))}
}

// unknownModels tells which wanted models no offer has, and what may be meant.
func (w wanted) unknownModels(offers []pictor.Offer) (lines []string) {
	var models []string
	for _, o := range offers {
		models = append(models, o.GpuModel)
	}
	slices.Sort(models)
	models = slices.Compact(models)
	for _, model := range w.models {
		if len(models) == 0 || slices.ContainsFunc(models, func(m string) bool { return strings.EqualFold(m, model) }) {
			continue
		}
		lines = append(lines, fmt.Sprintf("no offer has the GPU model %q now: all may be taken, or did you mean %q? On offer are: %s", model, nearest(model, models), strings.Join(models, ", ")))
	}
	return lines
}

// nearest is the name that takes the fewest edits to come to; of several the
// first.
func nearest(word string, names []string) string {
	edits := func(name string) int {
		return levenshtein.Distance(strings.ToLower(word[:min(len(word), longestName)]), strings.ToLower(name), nil)
	}
	return slices.MinFunc(names, func(a, b string) int { return cmp.Compare(edits(a), edits(b)) })
}

// longestName is longer than any that is meant. To count the edits of longer
// words would cost seconds.
const longestName = 64
