package contract

import (
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// alignSecurity gives the published document's ways to send a key our names where
// they are the same on the wire.
func alignSecurity(ours, published *openapi3.T) {
	if ours.Components == nil || published.Components == nil {
		return
	}
	known := map[string]string{} // our names, by what travels
	for name, ref := range ours.Components.SecuritySchemes {
		known[travels(ref.Value)] = name
	}
	renamed := map[string]string{}
	schemes := openapi3.SecuritySchemes{}
	for name, ref := range published.Components.SecuritySchemes {
		if our, ok := known[travels(ref.Value)]; ok {
			renamed[name] = our
			schemes[our] = ours.Components.SecuritySchemes[our]
		} else {
			schemes[name] = ref
		}
	}
	published.Components.SecuritySchemes = schemes

	rename(published.Security, renamed)
	for _, item := range published.Paths.Map() {
		for _, op := range item.Operations() {
			if op.Security != nil {
				rename(*op.Security, renamed)
			}
		}
	}
}

// travels is where a key stands in a request. A bearer token is at times declared
// as a key in the header Authorization.
func travels(s *openapi3.SecurityScheme) string {
	if s.Type == "http" && strings.EqualFold(s.Scheme, "bearer") || s.Type == "apiKey" && s.In == "header" && strings.EqualFold(s.Name, "Authorization") {
		return "bearer"
	}
	return strings.ToLower(strings.Join([]string{s.Type, s.Scheme, s.In, s.Name}, " "))
}

func rename(alternatives openapi3.SecurityRequirements, names map[string]string) {
	for i, all := range alternatives {
		aligned := openapi3.SecurityRequirement{}
		for name, scopes := range all {
			if our, ok := names[name]; ok {
				name = our
			}
			aligned[name] = scopes
		}
		alternatives[i] = aligned
	}
}
