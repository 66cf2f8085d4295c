package dialect_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/dialect"
)

func TestPresets(t *testing.T) {
	t.Parallel()
	seen := map[dialect.Dialect]string{}
	names := map[string]bool{}
	for _, preset := range dialect.Presets() {
		if !regexp.MustCompile(`^[a-z0-9-]+$`).MatchString(preset.Name) || preset.About == "" || names[preset.Name] {
			t.Errorf("%q (%q) is no name of its own", preset.Name, preset.About)
		}
		if other, twice := seen[preset.Dialect]; twice {
			t.Errorf("%s is %s", preset.Name, other)
		}
		seen[preset.Dialect], names[preset.Name] = preset.Name, true
		if err := preset.Dialect.Validate(); err != nil {
			t.Errorf("%s: %v", preset.Name, err)
		}
		if got, err := dialect.Parse(preset.Name); err != nil || got != preset.Dialect {
			t.Errorf("%s is read as %+v, %v", preset.Name, got, err)
		}
		data, err := json.Marshal(preset.Dialect)
		if err != nil {
			t.Fatal(err)
		}
		var got dialect.Dialect
		if err := json.Unmarshal(data, &got); err != nil || got != preset.Dialect {
			t.Errorf("%s: %s became %+v, %v", preset.Name, data, got, err)
		}
	}
	for _, name := range []string{"plain", "everything"} {
		if !names[name] {
			t.Errorf("there is no %s", name)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for names, want := range map[string]dialect.Dialect{
		"":                                     {},
		"plain":                                {},
		"bare-arrays+html-errors":              {Lists: dialect.ListBare, Errors: dialect.ErrorHTML},
		"delete-204 + duplicate-names + plain": {Delete: 204, DuplicateNames: true},
		"shouting+shouting":                    {Statuses: dialect.StatusUpper},
		"laravel+create-200":                   {Objects: dialect.ObjectData, IDs: dialect.IDNumbers, Times: dialect.TimeMicros, Errors: dialect.ErrorLaravel, Create: 200},
	} {
		if got, err := dialect.Parse(names); err != nil || got != want {
			t.Errorf("%q is read as %+v, %v", names, got, err)
		}
	}
	for names, says := range map[string][]string{
		"klingon":                         {`"klingon"`, "plain, bare-arrays, ", "everything"},
		"plain+":                          {`no dialect ""`},
		"bare-arrays+data-only":           {"bare-arrays+data-only", `"data-only"`, "lists"},
		"everything+data-only+title-case": {"lists"},
		"create-200+create-202":           {"create"},
	} {
		got, err := dialect.Parse(names)
		if err == nil || got != (dialect.Dialect{}) {
			t.Errorf("%q is read as %+v, %v", names, got, err)
			continue
		}
		for _, part := range says {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q: does not say %q: %v", names, part, err)
			}
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	err := dialect.Dialect{Lists: "bear", IDs: "numbers", Errors: "xml", Create: 404}.Validate()
	if err == nil {
		t.Fatal("it is valid")
	}
	for _, part := range []string{`lists "bear"`, `"", "data", "bare", "flat"`, `errors "xml"`, `"html"`, "create 404", "0, 200, 202"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("does not say %q: %v", part, err)
		}
	}
	if strings.Contains(err.Error(), "ids") {
		t.Errorf("says something of ids: %v", err)
	}
}

func TestWhatTheEngineMustDo(t *testing.T) {
	t.Parallel()
	for _, preset := range dialect.Presets() {
		d := preset.Dialect
		if whole := preset.Name == "bare-arrays" || preset.Name == "data-only" || preset.Name == "everything"; d.WholeLists() != whole {
			t.Errorf("%s has whole lists: %t", preset.Name, !whole)
		}
		if once := preset.Name == "delete-204" || preset.Name == "everything"; d.DeletesAtOnce() != once {
			t.Errorf("%s deletes at once: %t", preset.Name, !once)
		}
	}
}
