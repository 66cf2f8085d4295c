package shape_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/shape"
)

// bodies are the schemas of the contract's request bodies.
func bodies(t *testing.T) map[string]*openapi3.Schema {
	t.Helper()
	spec, err := api.GetSpec()
	if err != nil {
		t.Fatal(err)
	}
	bodies := map[string]*openapi3.Schema{}
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			if op.RequestBody != nil {
				bodies[method+" "+path] = op.RequestBody.Value.Content.Get("application/json").Schema.Value
			}
		}
	}
	if len(bodies) < 8 {
		t.Fatalf("the contract has %d operations with a body, want at least 8", len(bodies))
	}
	return bodies
}

func shapeOf(t *testing.T, schema *openapi3.Schema) *shape.Shape {
	t.Helper()
	s, ok := shape.Of(schema)
	if !ok {
		t.Fatal("the schema asks for something that a shape cannot see")
	}
	return s
}

func TestWhatAShapeTakesFitsTheSchema(t *testing.T) {
	t.Parallel()
	for operation, schema := range bodies(t) {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			s := shapeOf(t, schema)
			rapid.Check(t, func(t *rapid.T) {
				for range 20 {
					text := document(t, schema)
					if !s.Fits([]byte(text)) {
						continue
					}
					var value any
					if err := json.Unmarshal([]byte(text), &value); err != nil {
						t.Fatalf("%s is taken and is no JSON: %v", text, err)
					}
					if err := schema.VisitJSON(value, openapi3.VisitAsRequest()); err != nil {
						t.Fatalf("%s is taken and does not fit: %v", text, err)
					}
				}
			})
		})
	}
}

// A shape that took nothing would be right, too, and no use.
func TestAShapeTakesWhatProgramsSend(t *testing.T) {
	t.Parallel()
	all := bodies(t)
	for operation, schema := range all {
		text, err := json.Marshal(schema.Example)
		if err != nil {
			t.Fatal(err)
		}
		text = bytes.ReplaceAll(text, []byte("…"), nil) // no key has one
		if !shapeOf(t, schema).Fits(text) {
			t.Errorf("%s: the contract's own example is not taken: %s", operation, text)
		}
	}
	create := shapeOf(t, all["POST /gpu-instances"])
	for _, text := range []string{
		`{"name":"a","offer_id":"off_1","os":"linux","gpu_count":16,"storage_gb":10,"rental_hours":8760,"auto_renew":true,"ssh_key_ids":["key_a","key_b"]}`,
		"\n{ \"password\" : \"Correct-Horse-42\",\r\n\t\"os\":\"windows\",\"ssh_key_ids\": [ ], \"rental_hours\":1,\"storage_gb\":65536,\"gpu_count\":1,\"offer_id\":\"off_1\",\"name\":\"a 1\" }\n",
	} {
		if !create.Fits([]byte(text)) {
			t.Errorf("not taken: %s", text)
		}
	}
}

// What comes of the first of the two is not for a glance to say.
func TestAFieldThatIsThereTwiceIsNotTaken(t *testing.T) {
	t.Parallel()
	extend := shapeOf(t, bodies(t)["POST /gpu-instances/{instance_id}/extend"])
	if extend.Fits([]byte(`{"hours":1,"hours":2}`)) {
		t.Error("hours is there twice, and taken")
	}
}

func TestASchemaThatAsksForMoreHasNoShape(t *testing.T) {
	t.Parallel()
	for _, schema := range []*openapi3.Schema{
		openapi3.NewStringSchema().WithFormat("date-time"),
		openapi3.NewFloat64Schema(),
		openapi3.NewInt64Schema(),
		openapi3.NewIntegerSchema().WithExclusiveMax(true),
		openapi3.NewIntegerSchema().WithEnum(1, 2),
		openapi3.NewArraySchema().WithItems(openapi3.NewIntegerSchema()),
		openapi3.NewArraySchema().WithItems(openapi3.NewStringSchema()).WithMinItems(1),
		openapi3.NewOneOfSchema(openapi3.NewStringSchema(), openapi3.NewBoolSchema()),
		openapi3.NewObjectSchema().WithProperty("a", openapi3.NewFloat64Schema()),
		openapi3.NewObjectSchema().WithRequired([]string{"a"}),
		openapi3.NewObjectSchema().WithMinProperties(1),
		openapi3.NewSchema(),
	} {
		if _, ok := shape.Of(schema); ok {
			text, _ := schema.MarshalJSON()
			t.Errorf("%s has a shape", text)
		}
	}
}

// document draws a text that is what the schema wants, but for a few faults.
func document(t *rapid.T, schema *openapi3.Schema) string {
	var fields []string
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		if slices.Contains(schema.Required, name) || rapid.Bool().Draw(t, "there is "+name) {
			fields = append(fields, `"`+name+`"`+space(t)+":"+space(t)+fair(t, schema.Properties[name].Value)+space(t))
		}
	}
	if len(fields) > 0 {
		fields = rapid.Permutation(fields).Draw(t, "fields")
	}
	for range rapid.IntRange(0, 2).Draw(t, "faults") {
		if len(fields) > 0 {
			i := rapid.IntRange(0, len(fields)-1).Draw(t, "field")
			fields = slices.Replace(fields, i, i+1, faulty(t, schema, fields[i])...)
		}
	}
	text := space(t) + "{" + space(t) + strings.Join(fields, ","+space(t)) + "}" + space(t)
	if rapid.IntRange(0, 3).Draw(t, "spoil") > 0 {
		return text
	}
	at := rapid.IntRange(0, len(text)).Draw(t, "at")
	to := rapid.IntRange(at, min(at+3, len(text))).Draw(t, "to")
	return text[:at] + rapid.StringOfN(rapid.SampledFrom([]rune("{}[]\",:\\ 019.-eé\x00\n\u2028")), 0, 3, -1).Draw(t, "in between") + text[to:]
}

// fair draws a value that a field takes, often at its limits.
func fair(t *rapid.T, schema *openapi3.Schema) string {
	switch {
	case schema.Enum != nil:
		return fmt.Sprintf("%q", rapid.SampledFrom(schema.Enum).Draw(t, "word"))
	case schema.Type.Is("integer"):
		least, most := int(*schema.Min), int(*schema.Max)
		return fmt.Sprint(rapid.SampledFrom([]int{least, least + 1, most - 1, most}).Draw(t, "number"))
	case schema.Type.Is("array"):
		return rapid.SampledFrom([]string{"[]", `["a"]`, `["a","b"]`, `[ "a" , "b","c" ]`}).Draw(t, "list")
	case schema.Type.Is("boolean"):
		return fmt.Sprint(rapid.Bool().Draw(t, "boolean"))
	case schema.Pattern != "":
		return fmt.Sprintf("%q", rapid.StringMatching(`[a-z]([a-zA-Z0-9 ._-]{0,61}[0-9])?`).Draw(t, "name"))
	default:
		return `"` + strings.Repeat("x", int(rapid.SampledFrom([]uint64{schema.MinLength, 7, *schema.MaxLength}).Draw(t, "length"))) + `"`
	}
}

// faulty draws what could stand in the place of a field.
func faulty(t *rapid.T, schema *openapi3.Schema, field string) []string {
	name, value, _ := strings.Cut(field, ":")
	switch rapid.IntRange(0, 9).Draw(t, "fault") {
	case 0:
		return nil
	case 1:
		return []string{field, field}
	case 2:
		return []string{rapid.SampledFrom([]string{strings.ToUpper(name), `"o\u0073"`, `"other"`, `""`, "null"}).Draw(t, "name") + ":" + value}
	case 3:
		return []string{name + ":" + rapid.SampledFrom(odd).Draw(t, "odd")}
	case 4:
		another := rapid.SampledFrom(slices.Sorted(maps.Keys(schema.Properties))).Draw(t, "another")
		return []string{name + ":" + fair(t, schema.Properties[another].Value)}
	default:
		_, quoted, _ := strings.Cut(name, `"`)
		bare, _, _ := strings.Cut(quoted, `"`)
		return []string{name + ":" + beyond(t, schema.Properties[bare])}
	}
}

// beyond draws a value that a field just does not take.
func beyond(t *rapid.T, property *openapi3.SchemaRef) string {
	if property == nil { // its name is faulty already
		return "1"
	}
	var values []string
	switch p := property.Value; {
	case p.Enum != nil:
		values = []string{`"LINUX"`, `"linux "`, `"lin"`, `""`}
	case p.Type.Is("integer"):
		values = []string{fmt.Sprint(*p.Min - 1), fmt.Sprint(*p.Max + 1), "0" + fmt.Sprint(*p.Max), fmt.Sprint(*p.Max) + ".5", "-" + fmt.Sprint(*p.Max)}
	case p.Type.Is("array"):
		values = []string{`["a","a"]`, `["a","b" ,"a" ]`, `["a",]`, `["a" "b"]`, "[" + strings.Join(many, ",") + "]"}
	case p.Type.Is("boolean"):
		values = []string{"truefalse", "False", "0"}
	default:
		values = []string{`""`, `"a\"`, `" a"`, `"a/b"`, `"a "`, `"` + strings.Repeat("x", int(*p.MaxLength)+1) + `"`}
	}
	return rapid.SampledFrom(values).Draw(t, "beyond")
}

// many are one more than the keys that an instance can have.
var many = func() (words []string) {
	for i := range 101 {
		words = append(words, fmt.Sprintf("%q", fmt.Sprint(i)))
	}
	return words
}()

// odd are values that a field may take for something else than they are.
var odd = []string{
	"null", "true", "tru", "truefalse", "0", "1", "01", "-1", "-0", "1.0", "1.5", "1e1", "10 0", "1000000000000000000000", "",
	`""`, `"linux"`, `"lin\u0075x"`, `"LINUX"`, `"é"`, `"a/b"`, `"a\/b"`, "\"\t\"", "\"\x00\"", "\"\xff\"", `"`, `'a'`, `" a"`, `"a "`,
	"[]", "{}", "[", "[1]", "[,]", `["a","\u0061"]`, `[["a"]]`, `[null]`,
}

func space(t *rapid.T) string {
	if rapid.IntRange(0, 9).Draw(t, "space") > 0 {
		return ""
	}
	return rapid.SampledFrom([]string{" ", "\t", "\r\n", " \n ", "\u00a0", "\v"}).Draw(t, "of")
}
