package dialect_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/dialect"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

func TestErrors(t *testing.T) {
	t.Parallel()
	for preset, want := range map[string]struct{ kind, notFound, invalid string }{
		"plain":          {"application/json", `{"code":"not_found","message":".+"}`, `{"code":"validation","errors":{"gpu_count":\[.*\],.*},"message":".+"}`},
		"laravel-errors": {"application/json", `{"message":".+"}`, `{"errors":{"gpu_count":\[.*\],.*},"message":".+"}`},
		"bare-errors":    {"application/json", `{"error":".+"}`, `{"error":".+"}`},
		"nested-errors":  {"application/json", `{"error":{"code":"not_found","message":".+"}}`, `{"error":{"code":"validation","message":".+"}}`},
		"problem-errors": {
			"application/problem+json", `{"detail":".+","status":404,"title":"Not Found"}`,
			`{"detail":".+","errors":{"gpu_count":\[.*\],.*},"status":422,"title":"Unprocessable Entity"}`,
		},
		"text-errors":  {"text/plain; charset=utf-8", `[^{<]+`, `[^{<]+`},
		"html-errors":  {"text/html; charset=utf-8", `<!DOCTYPE html>\n<html.*<h1>404 Not Found</h1>.*</html>`, `<!DOCTYPE html>\n<html.*<h1>422 Unprocessable Entity</h1>.*</html>`},
		"empty-errors": {"", ``, ``},
	} {
		t.Run(preset, func(t *testing.T) {
			t.Parallel()
			s := serve(t, parse(t, preset))
			for _, test := range []struct {
				method, path, body string
				status             int
				want               string
			}{
				{"GET", "/gpu-instances/nothing", "", 404, want.notFound},
				{"GET", "/nowhere", "", 404, want.notFound},
				{"POST", "/gpu-instances", `{}`, 422, want.invalid},
			} {
				got := s.call(t, test.method, test.path, test.body)
				if got.status != test.status || got.header.Get("Content-Type") != want.kind || !regexp.MustCompile(`^`+test.want+`\n?$`).MatchString(got.body) {
					t.Errorf("%s %s is answered %d %s %s", test.method, test.path, got.status, got.header.Get("Content-Type"), got.body)
				}
			}
		})
	}
}

// A refusal may pass through its dialect twice on its way out.
func TestARefusalIsTranslatedOnce(t *testing.T) {
	t.Parallel()
	for _, preset := range dialect.Presets() {
		header := http.Header{"Content-Type": {"application/json"}}
		_, once := preset.Dialect.Answer("", 429, header, []byte(`{"code":"rate_limited","message":"Too many requests."}`))
		kind := header.Get("Content-Type")
		_, twice := preset.Dialect.Answer("", 429, header, once)
		if string(twice) != string(once) || header.Get("Content-Type") != kind {
			t.Errorf("%s: %s became %s", preset.Name, once, twice)
		}
	}
}

// Whatever an error looks like, the client knows what it means from the status,
// as far as that says it, and never takes a refusal for a rental.
func TestTheClientKnowsRefusals(t *testing.T) {
	t.Parallel()
	for _, preset := range dialect.Presets() {
		t.Run(preset.Name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, preset.Dialect, simtest.Credits(5))
			c, ctx := client(t, s), t.Context()
			offers, err := c.ListOffers(ctx, pictor.OfferFilter{})
			if err != nil {
				t.Fatal(err)
			}
			rent := func(change func(*pictor.InstanceCreate)) error {
				spec := pictor.InstanceCreate{Name: "trainer", OfferId: offers[0].Id, Os: pictor.Linux, GpuCount: 1, StorageGb: 10, RentalHours: 1}
				change(&spec)
				_, err := c.CreateInstance(ctx, spec, "token")
				return err
			}
			// A conflict is one of state, unless the body says otherwise.
			noCapacity := pictor.CodeWrongState
			if e := preset.Dialect.Errors; e == dialect.ErrorContract || e == dialect.ErrorNested {
				noCapacity = pictor.CodeNoCapacity
			}
			inst, err := c.CreateInstance(ctx, pictor.InstanceCreate{Name: "pending", OfferId: offers[0].Id, Os: pictor.Linux, GpuCount: 1, StorageGb: 10, RentalHours: 1}, "first")
			if err != nil {
				t.Fatal(err)
			}
			_, stop := c.StopInstance(ctx, inst.Id)
			_, missing := c.GetInstance(ctx, "17")
			for name, test := range map[string]struct {
				err  error
				code pictor.Code
			}{
				"bad fields":      {rent(func(s *pictor.InstanceCreate) { s.GpuCount = 99 }), pictor.CodeValidation},
				"too dear":        {rent(func(s *pictor.InstanceCreate) { s.RentalHours = 8760 }), pictor.CodeInsufficientCredits},
				"too many GPUs":   {rent(func(s *pictor.InstanceCreate) { s.GpuCount = 16 }), noCapacity},
				"a pending stops": {stop, pictor.CodeWrongState},
				"nothing there":   {missing, pictor.CodeNotFound},
			} {
				if !pictor.IsCode(test.err, test.code) {
					t.Errorf("%s: %v, want %s", name, test.err, test.code)
				}
			}
			if proven := inWords(preset.Dialect.Errors); pictor.IsGone(missing) != proven {
				t.Errorf("absence is proven by %v: %t, want %t", missing, !proven, proven)
			}
			if text := missing.Error(); strings.ContainsAny(text, "<\n") {
				t.Errorf("quotes a page: %s", text)
			}
			if n := len(s.sim.Instances()); n != 1 {
				t.Errorf("%d instances are rented", n)
			}
		})
	}
}

// inWords tells whether errors say something in JSON, which is then taken for the
// API's own word. Text, HTML and nothing may be a proxy's.
func inWords(e dialect.Errors) bool {
	return !slices.Contains([]dialect.Errors{dialect.ErrorText, dialect.ErrorHTML, dialect.ErrorNone}, e)
}
