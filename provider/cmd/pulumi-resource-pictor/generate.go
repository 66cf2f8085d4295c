package main

//go:generate sh -c "go run . schema > schema.json"
//go:generate go run -C ../../../.tools ./sdkgen -schema ../provider/cmd/pulumi-resource-pictor/schema.json -root .. -out ../sdk
