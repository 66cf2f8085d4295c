package reference

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/contract"
)

// documents are the contract as it is served: that of this simulator.
type documents struct{ json, yaml []byte }

func serve() (documents, error) {
	text, err := api.GetSpecJSON()
	if err != nil {
		return documents{}, fmt.Errorf("the embedded contract cannot be read: %w", err)
	}
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		return documents{}, fmt.Errorf("the embedded contract cannot be read: %w", err)
	}
	doc["servers"] = []any{map[string]any{"url": api.BasePath, "description": "This simulator"}}
	dropGoTypes(doc)

	var served documents
	if served.json, err = json.Marshal(doc); err != nil {
		return documents{}, err
	}
	served.yaml, err = contract.YAML(served.json)
	return served, err
}

// dropGoTypes takes away what only our code generator reads.
func dropGoTypes(node any) {
	switch n := node.(type) {
	case map[string]any:
		delete(n, "x-go-type")
		for _, child := range n {
			dropGoTypes(child)
		}
	case []any:
		for _, child := range n {
			dropGoTypes(child)
		}
	}
}
