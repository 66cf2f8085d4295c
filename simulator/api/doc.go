// Package api is Pictor's REST API on echo: the routes and types that
// oapi-codegen makes from the contract, one handler a file on top of them, and
// what every request goes through (see [Register]).
package api

//go:generate go tool -C ../../.tools oapi-codegen -config ../simulator/api/oapi-codegen.yaml -o ../simulator/api/server.gen.go ../provider/pictor/openapi.yaml
