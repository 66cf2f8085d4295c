package pictor_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

func TestRefusals(t *testing.T) {
	t.Parallel()
	said := func(code string) string { return `{"message":"No such luck.","code":"` + code + `"}` }
	page := "<!DOCTYPE html><html><body>nginx says no</body></html>"
	for name, test := range map[string]struct {
		step     step
		code     pictor.Code
		contract bool
		says     []string
	}{
		"401":                     {step{status: 401, body: said("unauthorized")}, pictor.CodeUnauthorized, true, []string{"No such luck", "PICTOR_API_KEY", "app.pictor.network/account/keys"}},
		"402":                     {step{status: 402, body: said("insufficient_credits")}, pictor.CodeInsufficientCredits, true, []string{"top up"}},
		"403":                     {step{status: 403, body: said("forbidden")}, pictor.CodeForbidden, true, []string{"may not"}},
		"404":                     {step{status: 404, body: said("not_found")}, pictor.CodeNotFound, true, []string{"check the id"}},
		"404 of a proxy":          {step{status: 404, body: page}, pictor.CodeNotFound, false, []string{"an HTML page came", "PICTOR_ENDPOINT"}},
		"404 of a framework":      {step{status: 404, body: `{"message":"The route api/x could not be found."}`}, pictor.CodeNotFound, false, []string{"The route", "check the id"}},
		"404 in plain text":       {step{status: 404, body: "404 page not found\n"}, pictor.CodeNotFound, false, []string{"404 page not found"}},
		"404 cut off":             {step{act: cutOff(404, said("not_found"))}, pictor.CodeNotFound, false, nil},
		"404 without a body":      {step{status: 404}, pictor.CodeNotFound, false, []string{"Not Found"}},
		"410":                     {step{status: 410, body: said("not_found")}, pictor.CodeNotFound, true, nil},
		"405":                     {step{status: 405, body: said("method_not_allowed")}, pictor.CodeRejected, true, nil},
		"413":                     {step{status: 413, body: said("payload_too_large")}, pictor.CodeRejected, true, nil},
		"418":                     {step{status: 418}, pictor.CodeRejected, false, nil},
		"400":                     {step{status: 400, body: said("bad_request")}, pictor.CodeValidation, true, nil},
		"409 no_capacity":         {step{status: 409, body: said("no_capacity")}, pictor.CodeNoCapacity, true, []string{"another offer"}},
		"409 wrong_state":         {step{status: 409, body: said("wrong_state")}, pictor.CodeWrongState, true, nil},
		"409 of another kind":     {step{status: 409, body: said("conflict")}, pictor.CodeWrongState, true, nil},
		"400 that names a reason": {step{status: 400, body: said("insufficient_credits")}, pictor.CodeInsufficientCredits, true, nil},
		"401 that lies":           {step{status: 401, body: said("no_capacity")}, pictor.CodeUnauthorized, true, nil},
		"a nested error":          {step{status: 403, body: `{"error":{"message":"Not yours.","code":"x"}}`}, pictor.CodeForbidden, false, []string{"Not yours"}},
		"another shape":           {step{status: 403, body: `{"error":"Not yours."}`}, pictor.CodeForbidden, false, []string{"Not yours"}},
		"a numeric code":          {step{status: 403, body: `{"message":"Not yours.","code":403}`}, pictor.CodeForbidden, false, []string{"Not yours"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.step.header == nil {
				test.step.header = map[string]string{"X-Request-Id": "req_42"}
			}
			s := serve(t, test.step)
			_, err := client(t, s.URL).GetInstance(t.Context(), "ins_1")
			e := failure(t, err, test.code)
			worded := strings.HasPrefix(test.step.body, "{")
			if got, want := pictor.IsGone(err), test.code == pictor.CodeNotFound && worded; got != want {
				t.Errorf("IsGone is %t", got)
			}
			if got := pictor.IsCertain(err); got != worded {
				t.Errorf("IsCertain is %t", got)
			}
			if e.Contract != test.contract {
				t.Errorf("Contract is %t", e.Contract)
			}
			says := append(test.says, "read instance ins_1", fmt.Sprint(e.Status), "GET /api/gpu-instances/ins_1")
			if test.step.act == nil {
				says = append(says, "req_42")
			}
			for _, text := range says {
				if !strings.Contains(e.Error(), text) {
					t.Errorf("does not say %q: %s", text, e)
				}
			}
			if strings.Contains(e.Error(), "nginx") {
				t.Errorf("quotes a page: %s", e)
			}
		})
	}
}

func TestValidationHasFields(t *testing.T) {
	t.Parallel()
	s := serve(t, step{status: 422, body: `{"message":"The given data was invalid.","code":"validation","errors":{"gpu_count":["must be at least 1","must be whole"],"name":"is taken"}}`})
	_, err := client(t, s.URL).CreateInstance(t.Context(), spec(), "token-1")
	e := failure(t, err, pictor.CodeValidation)
	if len(e.Fields["gpu_count"]) != 2 || e.Fields["name"][0] != "is taken" {
		t.Errorf("fields are %q", e.Fields)
	}
	want := `rent instance "trainer": The given data was invalid: gpu_count must be at least 1, must be whole; name is taken (422 validation, POST /api/gpu-instances)`
	if e.Error() != want {
		t.Errorf("\n got %s\nwant %s", e, want)
	}
}

func TestLongTextIsShortened(t *testing.T) {
	t.Parallel()
	s := serve(t, step{status: 403, body: strings.Repeat("no \n\x00", 100_000)})
	_, err := client(t, s.URL).GetAccount(t.Context())
	if text := err.Error(); len(text) > 700 || strings.ContainsAny(text, "\n\x00") {
		t.Errorf("says %d bytes: %.100q", len(text), text)
	}
}

// The service echoes the key in every place that could reach a person.
func TestTheKeyIsShownNowhere(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	echo, _ := json.Marshal(map[string]any{
		"message": "Bad key " + key + " in ?key=" + url.QueryEscape(key), "code": "unauthorized",
		"errors": map[string][]string{key: {"is " + strings.ToUpper(key), strings.Repeat("x", 290) + key}},
	})
	for name, step := range map[string]step{
		"refused":    {status: 401, body: string(echo), header: map[string]string{"X-Request-Id": key}},
		"plain text": {status: 403, body: strings.Repeat("x", 290) + key},
		"redirected": {status: 302, header: map[string]string{"Location": "http://" + url.QueryEscape(key) + ".example.com/" + key}},
		"misread":    {body: `{"id":"i","created_at":"` + key + `"}`},
	} {
		s := serve(t, step)
		c := client(t, s.URL, func(c *pictor.Config) {
			c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		_, err := c.GetInstance(t.Context(), pictor.ID(key))
		shown := fmt.Sprintf("%s %q %v", err, err.(*pictor.Error).Fields, errors.Unwrap(err))
		for _, secret := range []string{key, url.QueryEscape(key), key[:10]} {
			if strings.Contains(strings.ToLower(shown), strings.ToLower(secret)) {
				t.Errorf("%s: the error shows the key: %s", name, shown)
			}
			if strings.Contains(log.String(), secret) {
				t.Errorf("%s: the log shows the key: %s", name, log.String())
			}
		}
	}
}

func TestThePasswordIsShownNowhere(t *testing.T) {
	t.Parallel()
	s := serve(t, step{status: 422, body: `{"message":"Correct-Horse-42 is too short","code":"validation","errors":{"password":["Correct-Horse-42 is too short"]}}`})
	create := spec()
	password := "Correct-Horse-42"
	create.Password = &password
	_, err := client(t, s.URL).CreateInstance(t.Context(), create, "token-1")
	if e := failure(t, err, pictor.CodeValidation); strings.Contains(fmt.Sprint(e, e.Fields), password) {
		t.Errorf("shows the password: %s", e)
	}
}

func TestIsCode(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("creating: %w", &pictor.Error{Code: pictor.CodeNoCapacity})
	for _, test := range []struct {
		err   error
		codes []pictor.Code
		want  bool
	}{
		{err, []pictor.Code{pictor.CodeNoCapacity}, true},
		{err, []pictor.Code{pictor.CodeTimeout, pictor.CodeNoCapacity}, true},
		{err, []pictor.Code{pictor.CodeTimeout}, false},
		{err, nil, false},
		{errors.New("no_capacity"), []pictor.Code{pictor.CodeNoCapacity}, false},
		{nil, []pictor.Code{pictor.CodeNoCapacity}, false},
	} {
		if got := pictor.IsCode(test.err, test.codes...); got != test.want {
			t.Errorf("IsCode(%v, %v) is %t", test.err, test.codes, got)
		}
	}
}

func TestLogHasOneLineAnExchange(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := serve(t, step{status: 503, body: busy}, step{body: `[]`, header: map[string]string{"X-Request-Id": "req_9"}})
	c := client(t, s.URL, func(c *pictor.Config) {
		c.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	if _, err := c.ListInstances(t.Context(), pictor.InstanceFilter{Name: "trainer"}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines: %s", len(lines), log.String())
	}
	for i, wants := range [][]string{
		{`"method":"GET"`, `"path":"/api/gpu-instances"`, `"status":503`, `"attempt":1`, `"duration":0`, `"code":"unavailable"`},
		{`"status":200`, `"attempt":2`, `"request_id":"req_9"`},
	} {
		for _, want := range wants {
			if !strings.Contains(lines[i], want) {
				t.Errorf("line %d lacks %s: %s", i+1, want, lines[i])
			}
		}
	}
	if strings.Contains(log.String(), "trainer") || strings.Contains(log.String(), key) {
		t.Errorf("logs a query or the key: %s", log.String())
	}
}
