package provider

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// presentable makes of the failures of a check what a person may read. The
// engine prints the value of the property that a failure names, also a secret
// one: where it must not be seen, the reason names the property instead.
func presentable(failures []p.CheckFailure, inputs property.Map) []p.CheckFailure {
	for i, f := range failures {
		f.Reason = inWords(f.Reason)
		v := inputs.Get(f.Property)
		for _, secret := range textsIn(v) {
			if v.HasSecrets() && secret != "" {
				f.Reason = strings.ReplaceAll(f.Reason, strconv.Quote(secret), "[secret]")
			}
		}
		if f.Property != "" && !mayBeSeen(f.Property, v) {
			f = p.CheckFailure{Reason: f.Property + ": " + f.Reason}
		}
		failures[i] = f
	}
	return failures
}

// mayBeSeen tells whether the value of a property may stand in an error: no
// secret, nor what is one whether or not the program says so.
func mayBeSeen(key string, v property.Value) bool {
	if v.HasSecrets() || !v.IsNull() && (slices.Contains(secretProperties, key) || slices.Contains(secretConfiguration, key)) {
		return false
	}
	for _, text := range textsIn(v) {
		if strings.Contains(text, "PRIVATE KEY") || strings.Contains(text, "://") && strings.Contains(text, "@") {
			return false
		}
	}
	return true
}

// textsIn are the strings in a value.
func textsIn(v property.Value) (texts []string) {
	switch {
	case v.IsString():
		return []string{v.AsString()}
	case v.IsArray():
		for _, element := range v.AsArray().All {
			texts = append(texts, textsIn(element)...)
		}
	case v.IsMap():
		for _, element := range v.AsMap().All {
			texts = append(texts, textsIn(element)...)
		}
	}
	return texts
}

// What the SDK says of a value that does not fit, in the words of Go.
var (
	isMissing  = regexp.MustCompile(`^Missing required field '[^']*' on '[^']*'$`)
	isOfOther  = regexp.MustCompile(`^Field '[^']*' on '[^']*' must be an? '([^']*)'; got '([^']*)' instead$`)
	isUnwanted = regexp.MustCompile(`^Unrecognized field '([^']*)' on '[^']*'$`)
)

// inWords says it in those of a program.
func inWords(reason string) string {
	if isMissing.MatchString(reason) {
		return "is missing"
	}
	if m := isUnwanted.FindStringSubmatch(reason); m != nil {
		return fmt.Sprintf("there is no input %q", m[1])
	}
	m := isOfOther.FindStringSubmatch(reason)
	if m == nil || kinds[m[1]] == "" || kinds[m[2]] == "" {
		return reason
	}
	reason = fmt.Sprintf("must be %s, not %s", kinds[m[1]], kinds[m[2]])
	if m[1] == "string" && m[2] == "float64" {
		reason += ": write it in quotes"
	}
	return reason
}

var kinds = map[string]string{
	"string":                  "a string",
	"int":                     "a whole number",
	"float64":                 "a number",
	"bool":                    "true or false",
	"[]interface {}":          "a list",
	"map[string]interface {}": "an object",
}

// fractions refuses numbers that are not whole: all that a program gives are,
// and infer cuts off the rest, so that 1.5 hours would become one.
func fractions(inputs property.Map) (failures []p.CheckFailure) {
	for key, v := range inputs.All {
		if v.IsNumber() && !isWhole(v.AsNumber()) {
			failures = append(failures, p.CheckFailure{Property: key, Reason: fmt.Sprintf("must be a whole number, not %v", v.AsNumber())})
		}
	}
	return failures
}

// isWhole tells whether a number is an integer that a float holds exactly.
func isWhole(n float64) bool { return n == math.Trunc(n) && math.Abs(n) <= 1<<53 }
