package provider

import (
	"crypto/rand"
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// maxName is the longest name of an instance or an SSH key.
const maxName = 63

const suffixLength = 7

var (
	namePattern      = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9 ._-]*[A-Za-z0-9._-])?$`)
	notInName        = regexp.MustCompile(`[^A-Za-z0-9._-]+`)
	automaticPattern = regexp.MustCompile(`-[0-9a-f]{7}$`)
)

// automaticName makes a name from a resource's logical name and chance, so that
// a replacement, or the same program in another stack, never meets the old one.
func automaticName(logical string) string {
	var b [(suffixLength + 1) / 2]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return nameStem(logical) + "-" + hex.EncodeToString(b[:])[:suffixLength]
}

// noGroup is the group of what has none, such as an SSH key.
var noGroup = property.Value{}

// isAutomaticName tells whether a name is one that Check could have chosen for
// this resource, perhaps as a member of this group.
func isAutomaticName(name, logical string, group property.Value) bool {
	if !automaticPattern.MatchString(name) {
		return false
	}
	if name[:len(name)-suffixLength-1] == nameStem(logical) {
		return true
	}
	place, ok := seatOf(name)
	if group.IsMap() {
		if member := group.AsMap().Get("member"); member.IsString() {
			logical = member.AsString()
		}
	}
	return ok && place.member == nameStem(logical)
}

func nameStem(logical string) string {
	stem := strings.Trim(notInName.ReplaceAllString(logical, "-"), "._-")
	if stem == "" {
		stem = "pictor"
	}
	return strings.TrimRight(stem[:min(len(stem), maxStem)], "._-")
}
