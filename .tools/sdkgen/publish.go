package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"
)

// publish adds to a generated SDK what the registry of its packages wants and the
// generator does not write: a README with the first program, the licence, and more
// about the package. It reads both from the project's root.
func publish(language, root string, files map[string][]byte) error {
	licence, err := os.ReadFile(filepath.Join(root, "LICENSE"))
	if err != nil {
		return err
	}
	files["LICENSE"] = licence
	readme, err := readme(language, root)
	if err != nil {
		return err
	}
	files["README.md"] = readme
	switch language {
	case "nodejs":
		files["package.json"], err = packageJSON(files["package.json"])
	case "python":
		files["pulumi_pictor/README.md"] = readme // the generator's is one sentence
		files["pyproject.toml"], err = pyproject(files["pyproject.toml"])
	}
	return err
}

//go:embed readme
var readmes embed.FS

func readme(language, root string) ([]byte, error) {
	text, err := readmes.ReadFile("readme/" + language + ".md")
	if err != nil {
		return nil, err
	}
	example := map[string]string{"nodejs": "typescript/index.ts", "python": "python/__main__.py", "go": "go/main.go"}[language]
	program, err := os.ReadFile(filepath.Join(root, "examples", "one-machine", example))
	if err != nil {
		return nil, err
	}
	return bytes.Replace(text, []byte("{{program}}"), program, 1), nil
}

// npmPackage is package.json in the order in which npm's own documentation has it.
type npmPackage struct {
	Name            string            `json:"name"`
	Version         string            `json:"version"`
	Description     string            `json:"description"`
	Keywords        []string          `json:"keywords"`
	Homepage        string            `json:"homepage"`
	Bugs            map[string]string `json:"bugs"`
	License         string            `json:"license"`
	Repository      any               `json:"repository"`
	Main            string            `json:"main"`
	Types           string            `json:"types"`
	Scripts         map[string]string `json:"scripts"`
	Dependencies    map[string]string `json:"dependencies"`
	DevDependencies map[string]string `json:"devDependencies"`
	Engines         map[string]string `json:"engines"`
	PublishConfig   map[string]string `json:"publishConfig"`
	Pulumi          json.RawMessage   `json:"pulumi"`
}

// packageJSON is that of the folder that is published, which is bin/.
func packageJSON(generated []byte) ([]byte, error) {
	var p npmPackage
	strict := json.NewDecoder(bytes.NewReader(generated))
	strict.DisallowUnknownFields() // nothing that the generator writes is lost
	if err := strict.Decode(&p); err != nil {
		return nil, fmt.Errorf("package.json: %w", err)
	}
	p.Keywords = keywords(p.Keywords)
	p.Bugs = map[string]string{"url": p.Homepage + "/issues"}
	p.Repository = map[string]string{"type": "git", "url": "git+" + p.Homepage + ".git", "directory": "sdk/nodejs"}
	p.Main, p.Types = "index.js", "index.d.ts"
	p.Engines = map[string]string{"node": ">=20"}
	p.PublishConfig = map[string]string{"access": "public"}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "    ")
	err := encoder.Encode(p)
	return out.Bytes(), err
}

// pyproject has the licence as SPDX names it, which setuptools wants by now, and
// the classifiers that PyPI is searched by.
func pyproject(generated []byte) ([]byte, error) {
	var file map[string]any
	if err := toml.Unmarshal(generated, &file); err != nil {
		return nil, fmt.Errorf("pyproject.toml: %w", err)
	}
	project, ok := file["project"].(map[string]any)
	build, ok2 := file["build-system"].(map[string]any)
	if !ok || !ok2 {
		return nil, fmt.Errorf("pyproject.toml has no project or no build-system")
	}
	urls := project["urls"].(map[string]any)
	home := urls["Homepage"].(string)
	urls["Issues"] = home + "/issues"
	urls["Changelog"] = home + "/blob/main/CHANGELOG.md"
	project["license"] = "Apache-2.0"
	project["license-files"] = []string{"LICENSE"}
	var words []string
	for _, word := range project["keywords"].([]any) {
		words = append(words, word.(string))
	}
	project["keywords"] = keywords(words)
	project["classifiers"] = []string{
		"Development Status :: 4 - Beta",
		"Intended Audience :: Developers",
		"Intended Audience :: System Administrators",
		"Operating System :: OS Independent",
		"Programming Language :: Python :: 3",
		"Topic :: System :: Systems Administration",
		"Typing :: Typed",
	}
	build["requires"] = []string{"setuptools>=77.0"} // the first with licences by their SPDX names
	var out bytes.Buffer
	encoder := toml.NewEncoder(&out)
	err := encoder.Encode(file)
	return out.Bytes(), err
}

// keywords are those without the Pulumi Registry's own, such as category/cloud.
func keywords(all []string) []string {
	kept := []string{"infrastructure as code", "rental"}
	for _, word := range all {
		if !strings.Contains(word, "/") {
			kept = append(kept, word)
		}
	}
	return kept
}
