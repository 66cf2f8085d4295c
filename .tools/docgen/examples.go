package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/hcl2/syntax"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/pcl"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"

	"github.com/pulumi/pulumi-yaml/pkg/pulumiyaml"
	yamlgen "github.com/pulumi/pulumi-yaml/pkg/pulumiyaml/codegen"
)

// languages are those an example is shown in, by the word that Pulumi marks their code with.
var languages = []struct {
	mark, file string
	generate   func(*pcl.Program) (map[string][]byte, hcl.Diagnostics, error)
}{
	{"typescript", "index.ts", nodejs.GenerateProgram},
	{"python", "__main__.py", python.GenerateProgram},
	{"go", "main.go", gogen.GenerateProgram},
}

// writeExamples makes NAME.md of every NAME.yaml in dir.
func writeExamples(spec schema.PackageSpec, dir string) error {
	sources, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil || len(sources) == 0 {
		return fmt.Errorf("there are no examples in %s (%v)", dir, err)
	}
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			return err
		}
		section, err := exampleSection(spec, string(text))
		if err != nil {
			return fmt.Errorf("%s: %w", source, err)
		}
		if err := write(strings.TrimSuffix(source, ".yaml")+".md", section); err != nil {
			return err
		}
	}
	return nil
}

// exampleSection is the section of a description that holds the examples of one file, which are
// documents of YAML. Pulumi's generators keep of it what is in their language.
func exampleSection(spec schema.PackageSpec, programs string) (string, error) {
	var b strings.Builder
	b.WriteString("{{% examples %}}\n## Example Usage\n")
	for program := range strings.SplitSeq(programs, "\n---\n") {
		example, err := exampleOf(spec, strings.TrimSpace(program)+"\n")
		if err != nil {
			return "", err
		}
		b.WriteString(example)
	}
	b.WriteString("{{% /examples %}}\n")
	return b.String(), nil
}

func exampleOf(spec schema.PackageSpec, program string) (string, error) {
	title, body, err := split(program)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "{{%% example %%}}\n### %s\n\n", title)
	for _, language := range languages {
		// A generator decodes its section of the package in place: each gets its own.
		loader, err := newLoader(spec)
		if err != nil {
			return "", err
		}
		bound, err := bind(program, loader)
		if err != nil {
			return "", fmt.Errorf("%s: %w", title, err)
		}
		files, problems, err := language.generate(bound)
		if err != nil || problems.HasErrors() || len(files[language.file]) == 0 {
			return "", fmt.Errorf("%s in %s: %v %v", title, language.mark, err, problems)
		}
		text := string(files[language.file])
		if language.mark == "go" {
			text = repairGo(text, spec, bound)
		}
		fmt.Fprintf(&b, "```%s\n%s\n```\n", language.mark, strings.TrimSpace(text))
	}
	fmt.Fprintf(&b, "```yaml\n%s\n```\n\n{{%% /example %%}}\n", body)
	return b.String(), nil
}

// bind reads a program strictly: where the schema says that a property is always there, the
// other languages need not doubt it.
func bind(program string, loader only) (*pcl.Program, error) {
	template, misspelt, err := pulumiyaml.LoadYAMLBytes("Pulumi.yaml", []byte(program))
	if err != nil || misspelt.HasErrors() {
		return nil, fmt.Errorf("%v%v", err, misspelt)
	}
	text, problems, err := yamlgen.ConvertTemplateIL(template, loader)
	if err != nil || problems.HasErrors() {
		return nil, fmt.Errorf("%v%v", err, problems)
	}
	parser := syntax.NewParser()
	if err := parser.ParseFile(strings.NewReader(text), "program.pp"); err != nil || parser.Diagnostics.HasErrors() {
		return nil, fmt.Errorf("%v%v", err, parser.Diagnostics)
	}
	bound, problems, err := pcl.BindProgram(parser.Files, loader)
	if err != nil || problems.HasErrors() {
		return nil, fmt.Errorf("%v%v", err, problems)
	}
	return bound, nil
}

// split takes what only a whole project needs off a program: its name, its runtime, and its
// description, which is the example's title.
func split(program string) (title, body string, err error) {
	var kept []string
	for line := range strings.Lines(program) {
		key, value, _ := strings.Cut(line, ":")
		switch key {
		case "name", "runtime":
		case "description":
			title = strings.TrimSpace(value)
		default:
			kept = append(kept, line)
		}
	}
	if title == "" {
		return "", "", fmt.Errorf("an example has no description, which is its title")
	}
	return title, strings.TrimSpace(strings.Join(kept, "")), nil
}
