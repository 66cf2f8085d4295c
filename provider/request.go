package provider

import (
	"context"
	"fmt"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// request is what the engine sends and infer does not hand on. A create has no
// old inputs and no state.
type request struct {
	urn       resource.URN
	inputs    property.Map // as they came: infer hands an unknown one on as a zero
	oldInputs property.Map
	state     property.Map
}

type requestKey struct{}

func withRequest(ctx context.Context, req request) context.Context {
	return context.WithValue(ctx, requestKey{}, req)
}

func requestOf(ctx context.Context) request {
	r, _ := ctx.Value(requestKey{}).(request)
	return r
}

// known tells whether all of these inputs have a value in this preview.
func known(ctx context.Context, keys ...string) bool {
	inputs := requestOf(ctx).inputs
	for _, key := range keys {
		if inputs.Get(key).HasComputed() {
			return false
		}
	}
	return true
}

type secretsKey struct{}

// withSecrets notes the secrets among the properties of a request, so that they
// stay out of every error and log (see sessionOf).
func withSecrets(ctx context.Context, all ...property.Map) context.Context {
	var secrets []string
	for _, m := range all {
		for _, key := range secretProperties {
			if v := m.Get(key); v.IsString() {
				secrets = append(secrets, v.AsString())
			}
		}
	}
	return context.WithValue(ctx, secretsKey{}, secrets)
}

func secretsOf(ctx context.Context) []string {
	secrets, _ := ctx.Value(secretsKey{}).([]string)
	return secrets
}

// withDefaultTimeout limits an operation for which the user has set no limit
// (customTimeouts, which infer puts into the context).
func withDefaultTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if _, limited := ctx.Deadline(); limited {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, d)
}

// ignoreChanges takes the properties of the ignoreChanges option from the old
// inputs. Only whole properties can be ignored.
func ignoreChanges(req p.DiffRequest) p.DiffRequest {
	for _, key := range req.IgnoreChanges {
		if old, ok := req.OldInputs.GetOk(key); ok {
			req.Inputs = req.Inputs.Set(key, old)
		} else {
			req.Inputs = req.Inputs.Delete(key)
		}
	}
	req.IgnoreChanges = nil // infer would take them from the state
	return req
}

// nullsInLists refuses lists in which an element is missing.
func nullsInLists(inputs property.Map) (failures []p.CheckFailure) {
	for key, v := range inputs.All {
		if !v.IsArray() {
			continue
		}
		for i, element := range v.AsArray().All {
			if element.IsNull() {
				failures = append(failures, p.CheckFailure{Property: key, Reason: fmt.Sprintf("has nothing at place %d of its list", i+1)})
			}
		}
	}
	return failures
}

// keepUnknown puts inputs back that are not known yet and that a check has lost
// on the way through a Go value, where unknown and absent are the same.
func keepUnknown(checked, inputs property.Map) property.Map {
	for key, v := range inputs.All {
		if v.HasComputed() && !checked.Get(key).HasComputed() {
			checked = checked.Set(key, v)
		}
	}
	return checked
}

// showUnknown lets a preview take no input for known that is not: infer shows a
// list that is not known yet as none.
func showUnknown(outputs, inputs property.Map) property.Map {
	for key, v := range inputs.All {
		if v.HasComputed() {
			outputs = outputs.Set(key, property.New(property.Computed).WithSecret(v.Secret()))
		}
	}
	return outputs
}

// keepSecret marks properties as secret, where they are there.
func keepSecret(m property.Map, keys ...string) property.Map {
	for _, key := range keys {
		if v, ok := m.GetOk(key); ok && !v.IsNull() {
			m = m.Set(key, v.WithSecret(true))
		}
	}
	return m
}
