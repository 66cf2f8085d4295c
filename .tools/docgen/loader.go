package main

import (
	"context"
	"fmt"

	"github.com/blang/semver"
	"github.com/hashicorp/hcl/v2"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// only is a loader that knows one package.
type only struct{ pkg *schema.Package }

func newLoader(spec schema.PackageSpec) (only, error) {
	pkg, problems, err := schema.BindSpec(spec, schema.NewNullLoader(), schema.ValidationOptions{})
	if err != nil {
		return only{}, fmt.Errorf("the schema is not valid: %w", err)
	}
	for _, problem := range problems {
		if problem.Severity == hcl.DiagError {
			return only{}, fmt.Errorf("the schema is not valid: %s", problem.Summary)
		}
	}
	return only{pkg}, nil
}

func (l only) LoadPackage(name string, _ *semver.Version) (*schema.Package, error) {
	if name != l.pkg.Name {
		return nil, fmt.Errorf("an example uses the package %q, which docgen does not know", name)
	}
	return l.pkg, nil
}

func (l only) LoadPackageV2(_ context.Context, d *schema.PackageDescriptor) (*schema.Package, error) {
	return l.LoadPackage(d.Name, nil)
}

func (l only) LoadPackageReference(name string, _ *semver.Version) (schema.PackageReference, error) {
	pkg, err := l.LoadPackage(name, nil)
	if err != nil {
		return nil, err
	}
	return pkg.Reference(), nil
}

func (l only) LoadPackageReferenceV2(_ context.Context, d *schema.PackageDescriptor) (schema.PackageReference, error) {
	return l.LoadPackageReference(d.Name, nil)
}
