package dialect

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// Money is how amounts travel.
type Money string

// The ways in which amounts travel.
const (
	MoneyStrings Money = ""        // "10.08"
	MoneyPadded  Money = "padded"  // "10.080000", as a column of a database gives it
	MoneyNumbers Money = "numbers" // 10.08
)

// The contract's fields that have amounts.
var moneyFields = []string{
	"amount", "balance", "balance_after", "cost_so_far", "prepaid_total", "price_per_gpu_hour", "price_per_hour",
	"spend_per_hour", "storage_price_per_gb_month", "storage_price_per_month",
}

var amountPattern = regexp.MustCompile(`^-?(0|[1-9]\d*)(\.\d{1,6})?$`)

func (m Money) answer(o object) {
	if m == MoneyStrings {
		return
	}
	for field, value := range o {
		amount, isString := value.(string)
		if !isString || !slices.Contains(moneyFields, field) || !amountPattern.MatchString(amount) {
			continue
		}
		switch m {
		case MoneyPadded:
			o[field] = padded(amount)
		case MoneyNumbers:
			o[field] = json.Number(amount)
		}
	}
}

// padded writes all six places.
func padded(amount string) string {
	credits, places, _ := strings.Cut(amount, ".")
	return credits + "." + (places + "000000")[:6]
}
