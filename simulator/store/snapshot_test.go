package store_test

import (
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// What is no snapshot is refused for what it has one of, before the lists are read
// that can take much memory.
func TestNonsenseIsRefusedBeforeItsListsAreRead(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		`{"format":"other","world":{"instances":[{"x":1}]}}`:                          `its format is "other"`,
		`{"format":"pictor-sim/sandbox","version":1,"world":{"instances":[{"x":1}]}}`: "its clock shows",
	} {
		if _, err := store.ParseSnapshot([]byte(document)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is refused with %v, want %q", document, err, want)
		}
	}
}
