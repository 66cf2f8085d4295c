package provider

import (
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// value is what v points to, or the zero value.
func value[T any](v *T) (zero T) {
	if v == nil {
		return zero
	}
	return *v
}

// changed is the difference of two sets of inputs, every change as an update.
// Whether a value is secret makes no difference.
func changed(olds, news property.Map) map[string]p.PropertyDiff {
	diff := map[string]p.PropertyDiff{}
	note := func(key string, kind p.DiffKind) {
		if !strings.HasPrefix(key, "__") { // the engine's own
			diff[key] = p.PropertyDiff{Kind: kind, InputDiff: true}
		}
	}
	for key, v := range news.All {
		old, ok := olds.GetOk(key)
		switch {
		case !ok || old.IsNull():
			if !v.IsNull() {
				note(key, p.Add)
			}
		case !plain(old).Equals(plain(v)):
			note(key, p.Update)
		}
	}
	for key, old := range olds.All {
		if v, ok := news.GetOk(key); !old.IsNull() && (!ok || v.IsNull()) && diff[key].Kind == "" {
			note(key, p.Delete)
		}
	}
	return diff
}

// plain is a value without its secretness and dependencies, which are no part
// of what it says.
func plain(v property.Value) property.Value {
	return v.WithSecret(false).WithDependencies(nil)
}
