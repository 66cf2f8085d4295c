package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/codegen/hcl2/model"
	"github.com/pulumi/pulumi/pkg/v3/codegen/pcl"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// repairGo mends what Pulumi's converter to Go (3.259) gets wrong for a package like this one:
//
//   - The SDK calls a function getX LookupX where there is a resource X, as GetX reads that. The
//     converter knows this only of packages whose functions have a module each.
//   - An output has to be an Input, and what a function returns is plain.
func repairGo(program string, spec schema.PackageSpec, bound *pcl.Program) string {
	for token := range spec.Resources {
		name := lastPart(token)
		if _, ok := spec.Functions[strings.Replace(token, name, "get"+name, 1)]; ok {
			program = regexp.MustCompile(`\bpictor\.Get(`+name+`(OutputArgs|Output|Args|Result)?)\b`).ReplaceAllString(program, "pictor.Lookup$1")
		}
	}
	plain := map[string]bool{} // the variables with what functions return
	for _, found := range regexp.MustCompile(`(\w+), err := pictor\.(?:Get|Lookup)\w+\(ctx,`).FindAllStringSubmatch(program, -1) {
		plain[found[1]] = true
	}
	for _, output := range bound.OutputVariables() {
		export := regexp.MustCompile(`ctx\.Export\("` + output.LogicalName() + `", ((\w+)\..*)\)\n`)
		found := export.FindStringSubmatch(program)
		if found == nil || !plain[found[2]] {
			continue
		}
		lift := "pulumi.ToOutput"
		switch model.ResolveOutputs(output.Value.Type()) {
		case model.StringType:
			lift = "pulumi.String"
		case model.IntType:
			lift = "pulumi.Int"
		}
		program = strings.Replace(program, found[0], fmt.Sprintf("ctx.Export(%q, %s(%s))\n", output.LogicalName(), lift, found[1]), 1)
	}
	return program
}
