package api

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// hintOfPath names the path of the contract that is nearest to an unknown one,
// or to one that was asked with another method.
func hintOfPath(spec *openapi3.T, path string) string {
	path = strings.TrimPrefix(path, BasePath)
	best, fewest := "", -1
	for _, template := range slices.Sorted(maps.Keys(spec.Paths.Map())) {
		if edits := pathDistance(path, template); fewest < 0 || edits < fewest {
			best, fewest = template, edits
		}
	}
	methods := slices.Sorted(maps.Keys(spec.Paths.Find(best).Operations()))
	if fewest == 0 {
		return fmt.Sprintf("%s%s takes %s", BasePath, best, strings.Join(methods, ", "))
	}
	return fmt.Sprintf("the nearest path is %s%s, which takes %s", BasePath, best, strings.Join(methods, ", "))
}

// pathDistance compares part by part; a parameter is whatever stands there.
func pathDistance(path, template string) (edits int) {
	parts, wanted := strings.Split(path, "/"), strings.Split(template, "/")
	if len(parts) != len(wanted) {
		return max(distance(path, template), 1)
	}
	for i, part := range wanted {
		if !strings.HasPrefix(part, "{") {
			edits += distance(parts[i], part)
		}
	}
	return edits
}
