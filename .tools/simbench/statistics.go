//go:build linux

package main

import (
	"cmp"
	"slices"
	"time"
)

// quantile is the value that a share q of the values does not exceed. It sorts
// them in place.
func quantile[T cmp.Ordered](values []T, q float64) (none T) {
	if len(values) == 0 {
		return none
	}
	slices.Sort(values)
	return values[min(int(q*float64(len(values))), len(values)-1)]
}

// median of the values, which it leaves in their order.
func median(values []float64) float64 { return quantile(slices.Clone(values), 0.5) }

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
