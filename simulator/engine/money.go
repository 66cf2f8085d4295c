package engine

import "time"

// Credits is an amount of money in micro-credits; 1,000,000 are one credit.
type Credits int64

// Credit is one credit.
const Credit Credits = 1_000_000

// MaxBalance is the most that may be put into an account: far from what an
// int64 can hold, so that no refund makes it overflow.
const MaxBalance Credits = 1 << 62

// StoragePricePerGBMonth is what one GB costs in a month of 30 days
// (docs.pictor.network, GPU Renting, Billing).
const StoragePricePerGBMonth = Credit / 5

// storageFee is the fee for gb over a time, in whole micro-credits, rounded
// down. It is a function of the whole time, so that the sum of what was charged
// never depends on how often it was charged.
func storageFee(gb int, d time.Duration) Credits {
	const secondsPerMonth = 30 * 24 * 3600
	gbSeconds := int64(gb) * int64(d/time.Second)
	return Credits(gbSeconds/secondsPerMonth*int64(StoragePricePerGBMonth)) +
		Credits(gbSeconds%secondsPerMonth*int64(StoragePricePerGBMonth)/secondsPerMonth)
}
