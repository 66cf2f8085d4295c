package contract

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// align makes the published document name things as ours does where the name
// cannot matter: it drops a prefix from its paths, gives path parameters, security
// schemes and errors the same names, and takes away the addresses and what the
// document says of itself.
func align(ours, published *openapi3.T) (a alignment, err error) {
	ours.Servers, published.Servers = nil, nil
	published.Info = ours.Info
	alignSecurity(ours, published)
	known := map[string]string{} // our paths, by their shape
	for path := range ours.Paths.Map() {
		known[shape(path)] = path
	}
	a.prefix = bestPrefix(known, slices.Sorted(maps.Keys(published.Paths.Map())))
	aligned := openapi3.NewPaths()
	for path, item := range published.Paths.Map() {
		item.Servers = nil
		for _, op := range item.Operations() {
			op.Servers = nil
		}
		short := strings.TrimSuffix(path, "/")
		if rest, ok := strings.CutPrefix(short, a.prefix+"/"); ok {
			short = "/" + rest
		}
		if our, ok := known[shape(short)]; ok {
			renameParameters(item, names(short), names(our))
			short = our
		}
		if aligned.Value(short) != nil {
			short = path // two of its paths would become one
		}
		aligned.Set(short, item)
	}
	published.Paths = aligned
	return a, a.alignErrors(ours, published)
}

var braces = regexp.MustCompile(`\{([^}]*)\}`)

// shape is a path with its parameters unnamed.
func shape(path string) string { return braces.ReplaceAllString(path, "{}") }

// names are a path's parameters in order.
func names(path string) (list []string) {
	for _, match := range braces.FindAllStringSubmatch(path, -1) {
		list = append(list, match[1])
	}
	return list
}

// bestPrefix is the beginning of paths without which most of them are ones that
// we know; the shortest of equal ones.
func bestPrefix(known map[string]string, paths []string) (best string) {
	candidates := map[string]bool{}
	for _, path := range paths {
		for i, r := range path {
			if r == '{' {
				break
			}
			if r == '/' {
				candidates[path[:i]] = true
			}
		}
	}
	most := -1
	for _, prefix := range slices.Sorted(maps.Keys(candidates)) {
		found := 0
		for _, path := range paths {
			rest, ok := strings.CutPrefix(strings.TrimSuffix(path, "/"), prefix+"/")
			if ok && known[shape("/"+rest)] != "" {
				found++
			}
		}
		if found > most {
			best, most = prefix, found
		}
	}
	return best
}

// renameParameters gives the parameters of a path other names. They are copied:
// a component may serve other paths, too.
func renameParameters(item *openapi3.PathItem, from, to []string) {
	rename := func(list openapi3.Parameters) {
		for i, ref := range list {
			at := slices.Index(from, ref.Value.Name)
			if ref.Value.In != openapi3.ParameterInPath || at < 0 || from[at] == to[at] {
				continue
			}
			renamed := *ref.Value
			renamed.Name = to[at]
			list[i] = &openapi3.ParameterRef{Value: &renamed}
		}
	}
	rename(item.Parameters)
	for _, op := range item.Operations() {
		rename(op.Parameters)
	}
}
