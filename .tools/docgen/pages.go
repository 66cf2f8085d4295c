package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// writePages writes a page for each resource and each function of the package, one that lists
// them, and the list of the configuration.
func writePages(spec schema.PackageSpec, out string) error {
	var resources, functions []string
	for _, token := range slices.Sorted(maps.Keys(spec.Resources)) {
		p := page{spec: spec, name: lastPart(token)}
		p.resource(token, spec.Resources[token])
		resources = append(resources, p.link("resources"))
		if err := write(filepath.Join(out, "resources", fileName(p.name)), strings.TrimSpace(p.text.String())+"\n"); err != nil {
			return err
		}
	}
	for _, token := range slices.Sorted(maps.Keys(spec.Functions)) {
		p := page{spec: spec, name: lastPart(token)}
		p.function(token, spec.Functions[token])
		functions = append(functions, p.link("functions"))
		if err := write(filepath.Join(out, "functions", fileName(p.name)), strings.TrimSpace(p.text.String())+"\n"); err != nil {
			return err
		}
	}
	index := "# Reference\n\nWhat the package has, generated from its schema.\n\n## Resources\n\n" + strings.Join(resources, "") +
		"\n## Functions\n\n" + strings.Join(functions, "")
	if err := write(filepath.Join(out, "reference.md"), index); err != nil {
		return err
	}
	return writeConfiguration(spec, out)
}

// page is one page under way.
type page struct {
	spec    schema.PackageSpec
	name    string
	summary string
	text    strings.Builder
	types   []string // that the page refers to and has to explain
}

func (p *page) printf(format string, args ...any) { fmt.Fprintf(&p.text, format, args...) }

func (p *page) resource(token string, r schema.ResourceSpec) {
	p.head(token, r.Description)
	p.properties("Inputs", r.InputProperties, r.RequiredInputs)
	outputs := map[string]schema.PropertySpec{}
	for name, property := range r.Properties {
		if _, isInput := r.InputProperties[name]; !isInput {
			outputs[name] = property
		}
	}
	p.printf("## Outputs\n\n")
	if !r.IsComponent {
		p.printf("All inputs are outputs as well, with what Pictor chose where they were left out.\n\n")
	}
	p.table(outputs, nil)
	p.explainTypes()
}

func (p *page) function(token string, f schema.FunctionSpec) {
	p.head(token, f.Description)
	if f.Inputs != nil && len(f.Inputs.Properties) > 0 {
		p.properties("Arguments", f.Inputs.Properties, f.Inputs.Required)
	}
	if f.ReturnType != nil && f.ReturnType.ObjectTypeSpec != nil {
		p.printf("## Result\n\n")
		p.table(f.ReturnType.ObjectTypeSpec.Properties, nil)
	}
	p.explainTypes()
}

// head is the title, the description, and the examples with their languages folded.
func (p *page) head(token, description string) {
	text, examples, _ := strings.Cut(description, "{{% examples %}}")
	examples, rest, _ := strings.Cut(examples, "{{% /examples %}}")
	p.summary, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	p.printf("<!-- Generated from the schema by docgen; edit the description there. -->\n\n# %s\n\n`%s`\n\n%s\n\n", p.name, token, strings.TrimSpace(text))
	if examples = strings.TrimSpace(shortcodes.Replace(examples)); examples != "" {
		p.printf("%s\n", foldLanguages(examples+"\n"))
	}
	if rest = strings.TrimSpace(rest); rest != "" {
		p.printf("%s\n\n", rest)
	}
}

var shortcodes = strings.NewReplacer("{{% example %}}\n", "", "{{% /example %}}\n", "")

// foldLanguages folds each language's program, so that a reader opens the one that they read.
func foldLanguages(examples string) string {
	for mark, name := range map[string]string{"typescript": "TypeScript", "python": "Python", "go": "Go", "yaml": "YAML"} {
		blocks := strings.Split(examples, "```"+mark+"\n")
		for i, block := range blocks[1:] {
			blocks[i+1] = strings.Replace(block, "\n```\n", "\n```\n\n</details>\n", 1)
		}
		examples = strings.Join(blocks, "<details><summary>"+name+"</summary>\n\n```"+mark+"\n")
	}
	return examples
}

func (p *page) properties(title string, all map[string]schema.PropertySpec, required []string) {
	p.printf("## %s\n\n", title)
	p.table(all, required)
}

// table lists properties, the required ones first.
func (p *page) table(all map[string]schema.PropertySpec, required []string) {
	names := slices.SortedFunc(maps.Keys(all), func(a, b string) int {
		needed := func(name string) int { return slices.Index([]bool{true, false}, slices.Contains(required, name)) }
		if d := needed(a) - needed(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	p.printf("| Name | Type | |\n| --- | --- | --- |\n")
	for _, name := range names {
		property := all[name]
		text := strings.ReplaceAll(strings.Join(strings.Fields(property.Description), " "), "|", `\|`)
		if slices.Contains(required, name) {
			text = "**Required.** " + text
		}
		if property.Default != nil {
			text += fmt.Sprintf(" Default: `%v`.", property.Default)
		}
		if property.Secret {
			text += " Secret."
		}
		p.printf("| `%s` | %s | %s |\n", name, p.typeName(property.TypeSpec), text)
	}
	p.printf("\n")
}

// typeName names a type and notes those that have to be explained.
func (p *page) typeName(t schema.TypeSpec) string {
	switch {
	case t.Items != nil:
		return "list of " + p.typeName(*t.Items)
	case t.AdditionalProperties != nil:
		return "map of " + p.typeName(*t.AdditionalProperties)
	case len(t.OneOf) > 0:
		return p.typeName(t.OneOf[0])
	}
	if token, ok := strings.CutPrefix(t.Ref, "#/types/"); ok {
		if !slices.Contains(p.types, token) {
			p.types = append(p.types, token)
		}
		name := lastPart(token)
		return fmt.Sprintf("[%s](#%s)", name, strings.ToLower(name))
	}
	if token, ok := strings.CutPrefix(t.Ref, "#/resources/"); ok {
		name := lastPart(token)
		return fmt.Sprintf("[%s](../resources/%s)", name, fileName(name))
	}
	return t.Type
}

// explainTypes explains the types that the page refers to, and those that they refer to.
func (p *page) explainTypes() {
	for i := 0; i < len(p.types); i++ {
		t := p.spec.Types[p.types[i]]
		p.printf("### %s\n\n%s\n\n", lastPart(p.types[i]), t.Description)
		if len(t.Enum) > 0 {
			for _, value := range t.Enum {
				p.printf("- `%v`: %s\n", value.Value, value.Description)
			}
			p.printf("\n")
			continue
		}
		p.table(t.Properties, t.Required)
	}
}

func (p *page) link(folder string) string {
	return fmt.Sprintf("- [%s](%s/%s): %s\n", p.name, folder, fileName(p.name), p.summary)
}

func lastPart(token string) string { return token[strings.LastIndex(token, ":")+1:] }

// fileName is the page of a name: ssh-key.md for SshKey.
func fileName(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String() + ".md"
}
