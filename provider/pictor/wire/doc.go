// Package wire is Pictor's REST API as it travels: the types of the contract
// (../openapi.yaml), the plain client, the contract itself, and the two types
// that the contract's strings stand for, [ID] and [Credits].
//
// Everything in a *.gen.go file is made from the contract by `go generate`.
package wire

//go:generate go tool -C ../../../.tools oapi-codegen -config ../provider/pictor/wire/oapi-codegen.yaml -o ../provider/pictor/wire/wire.gen.go ../provider/pictor/openapi.yaml
