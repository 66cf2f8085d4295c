package provider

import (
	p "github.com/pulumi/pulumi-go-provider"
)

// diffSshKey replaces a key that has become another one and renames otherwise.
// With a name of the program's own, the old key must go before the new one comes.
func diffSshKey(req p.DiffRequest) p.DiffResponse {
	diff := changed(req.OldInputs, req.Inputs)
	if _, differs := diff["publicKey"]; differs {
		diff["publicKey"] = p.PropertyDiff{Kind: p.UpdateReplace, InputDiff: true}
	}
	return p.DiffResponse{HasChanges: len(diff) > 0, DetailedDiff: diff, DeleteBeforeReplace: keepsOwnName(req)}
}
