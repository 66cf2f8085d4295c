package tests

import (
	"os"
	"regexp"
	"testing"
)

// The suites that users copy pin the Pulumi that is tested here.
func TestTheRecipesPinOurPulumi(t *testing.T) {
	t.Parallel()
	ours := find(t, "../.tools/go.mod", `pulumi/pkg/v3 v(\S+)`)
	for file, pattern := range map[string]string{
		"go/go.mod":               `pulumi/sdk/v3 v(\S+)`,
		"typescript/package.json": `"@pulumi/pulumi": "(\S+)"`,
		"python/requirements.txt": `(?m)^pulumi==(\S+)$`,
	} {
		if got := find(t, "../examples/test-suite/"+file, pattern); got != ours {
			t.Errorf("examples/test-suite/%s pins Pulumi %s, and we are at %s", file, got, ours)
		}
	}
}

func find(t *testing.T, file, pattern string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(pattern).FindSubmatch(text)
	if found == nil {
		t.Fatalf("%s has nothing like %s", file, pattern)
	}
	return string(found[1])
}
