package main

// The schema holds the examples, and the examples are made with the schema: it
// is written twice, so that a new name shows in both.
//
//go:generate sh -c "go run . schema > schema.json"
//go:generate go run -C ../../../.tools ./docgen examples -schema ../provider/cmd/pulumi-resource-pictor/schema.json -dir ../provider/docs
//go:generate sh -c "go run . schema > schema.json"
//go:generate go run -C ../../../.tools ./docgen pages -schema ../provider/cmd/pulumi-resource-pictor/schema.json -out ../docs
//go:generate go run -C ../../../.tools ./sdkgen -schema ../provider/cmd/pulumi-resource-pictor/schema.json -root .. -out ../sdk
