package contract

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// YAML writes an OpenAPI document, given as JSON, the way people do: in blocks,
// and what it is before what it consists of.
func YAML(document []byte) ([]byte, error) {
	var root yaml.Node // YAML reads JSON, and keeps its order
	if err := yaml.Unmarshal(document, &root); err != nil {
		return nil, fmt.Errorf("write the document as YAML: %w", err)
	}
	if len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("write the document as YAML: it is no JSON object")
	}
	loosen(&root)
	top := root.Content[0]
	sections := []string{"openapi", "info", "servers", "security", "tags", "paths", "components"}
	pairs := slices.Collect(slices.Chunk(top.Content, 2))
	slices.SortStableFunc(pairs, func(a, b []*yaml.Node) int {
		return cmp.Compare(slices.Index(sections, a[0].Value), slices.Index(sections, b[0].Value))
	})
	top.Content = slices.Concat(pairs...)

	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(&root); err != nil {
		return nil, fmt.Errorf("write the document as YAML: %w", err)
	}
	return out.Bytes(), nil
}

// loosen lets the encoder choose how a node is written, instead of as in JSON.
func loosen(node *yaml.Node) {
	node.Style = 0
	for _, child := range node.Content {
		loosen(child)
	}
}
