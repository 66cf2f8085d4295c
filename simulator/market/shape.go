package market

import (
	"fmt"
	"slices"
	"strings"
)

// DefaultHosts is how many hosts a market has unless told otherwise.
const DefaultHosts = 240

// MaxHosts is the size of the largest market.
const MaxHosts = 100_000

// Shape says what a market is like. The zero value is the usual one.
type Shape struct {
	// Hosts is how many there are; 0 means [DefaultHosts].
	Hosts int `json:"hosts,omitempty"`
	// Models are the GPU models on offer; none means all of the catalogue.
	Models []string `json:"models,omitempty"`
	// Countries are where hosts stand (ISO 3166-1 alpha-2); none means everywhere.
	Countries []string `json:"countries,omitempty"`
	// Occupied is the percentage of GPUs that others have rented already.
	Occupied int `json:"occupied,omitempty"`
	// NumericIDs makes identifiers numbers that count up, instead of drawing them.
	NumericIDs bool `json:"numeric_ids,omitempty"`
}

// Validate says what is wrong with a shape, and what there is to choose from.
func (s Shape) Validate() error {
	if s.Hosts < 0 || s.Hosts > MaxHosts {
		return fmt.Errorf("a market of %d hosts cannot be made: use 1 to %d", s.Hosts, MaxHosts)
	}
	if s.Occupied < 0 || s.Occupied > 100 {
		return fmt.Errorf("%d %% of the market cannot be occupied: use 0 to 100", s.Occupied)
	}
	for _, name := range s.Models {
		if !slices.ContainsFunc(models, func(m model) bool { return strings.EqualFold(m.name, name) }) {
			return fmt.Errorf("no GPU of the market is a %q: use %s", name, strings.Join(modelNames(), ", "))
		}
	}
	for _, country := range s.Countries {
		if !slices.ContainsFunc(places, func(p place) bool { return strings.EqualFold(p.country, country) }) {
			return fmt.Errorf("no host stands in %q: use %s", country, strings.Join(countries(), ", "))
		}
	}
	return nil
}

func (s Shape) withDefaults() Shape {
	if s.Hosts == 0 {
		s.Hosts = DefaultHosts
	}
	return s
}

func (s Shape) models() []model {
	return chosen(models, s.Models, func(m model) string { return m.name })
}

func (s Shape) places() []place {
	return chosen(places, s.Countries, func(p place) string { return p.country })
}

// chosen are those of a list that are named, all of them when none is.
func chosen[T any](all []T, names []string, name func(T) string) []T {
	if len(names) == 0 {
		return all
	}
	var some []T
	for _, one := range all {
		if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name(one)) }) {
			some = append(some, one)
		}
	}
	return some
}

func modelNames() (names []string) {
	for _, m := range models {
		names = append(names, m.name)
	}
	return names
}

func countries() (codes []string) {
	for _, p := range places {
		if !slices.Contains(codes, p.country) {
			codes = append(codes, p.country)
		}
	}
	return codes
}
