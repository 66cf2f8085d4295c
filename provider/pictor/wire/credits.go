package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Credits is an amount of money in micro-credits: 1 credit is 1,000,000 of
// them, and 1 USD. It travels as a decimal string with at most six places
// ("10.08"), never as a float.
type Credits int64

// Credit is one credit.
const Credit Credits = 1_000_000

// ParseCredits reads a decimal number of credits, such as "10.08" or "-3".
// More than six places, an exponent or an amount beyond ±9.2 trillion credits
// is an error: money is never rounded.
func ParseCredits(s string) (Credits, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, dotted := strings.Cut(digits, ".")
	if whole == "" || (dotted && fraction == "") || !isDigits(whole) || !isDigits(fraction) {
		return 0, fmt.Errorf("%q is not a decimal number of credits", s)
	}
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > 6 {
		return 0, fmt.Errorf("%q has more than six decimal places", s)
	}
	units, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || units >= math.MaxInt64/int64(Credit) {
		return 0, fmt.Errorf("%q is too large for an amount of credits", s)
	}
	micros, _ := strconv.ParseInt((fraction + "000000")[:6], 10, 64)
	c := Credits(units)*Credit + Credits(micros)
	if negative {
		c = -c
	}
	return c, nil
}

func isDigits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// String gives the shortest exact decimal form: "10.08", "0.2", "7".
func (c Credits) String() string { return string(c.appendTo(nil)) }

// appendTo writes the shortest exact decimal form.
func (c Credits) appendTo(b []byte) []byte {
	n := uint64(c)
	if c < 0 {
		b, n = append(b, '-'), -n
	}
	b = strconv.AppendUint(b, n/uint64(Credit), 10)
	fraction := n % uint64(Credit)
	if fraction == 0 {
		return b
	}
	b = append(b, '.')
	for place := uint64(Credit) / 10; fraction > 0; place /= 10 {
		b = append(b, byte('0'+fraction/place))
		fraction %= place
	}
	return b
}

// MarshalJSON writes the decimal string.
func (c Credits) MarshalJSON() ([]byte, error) {
	return append(c.appendTo(append(make([]byte, 0, 24), '"')), '"'), nil
}

// UnmarshalJSON takes the decimal string, or a JSON number, whose digits are
// read as they stand. As elsewhere in JSON, null changes nothing.
func (c *Credits) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	s := string(b)
	if s == "null" {
		return nil
	}
	if len(b) > 0 && b[0] == '"' {
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
	}
	parsed, err := ParseCredits(s)
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}
