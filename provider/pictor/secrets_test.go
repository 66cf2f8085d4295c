package pictor_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// awkward is spelled otherwise wherever it goes.
const awkward = `C0rrect "Horse"&<Battery>/\é😀'+42`

func inJSON(s string) string {
	b, _ := json.Marshal(s)
	return string(b[1 : len(b)-1])
}

func TestASecretIsFoundInEverySpelling(t *testing.T) {
	t.Parallel()
	for name, spelling := range map[string]func(string) string{
		"as it is":                func(s string) string { return s },
		"in capitals":             strings.ToUpper,
		"in JSON":                 inJSON,
		"in JSON in JSON":         func(s string) string { return inJSON(inJSON(s)) },
		"in JSON as PHP has it":   func(s string) string { return strings.ReplaceAll(inJSON(s), "/", `\/`) },
		"in ASCII":                func(s string) string { return strings.Trim(strconv.QuoteToASCII(s), `"`) },
		"in a query":              url.QueryEscape,
		"in a query in a query":   func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
		"in a path":               url.PathEscape,
		"in HTML":                 html.EscapeString,
		"in HTML in HTML":         func(s string) string { return html.EscapeString(html.EscapeString(s)) },
		"in JSON in HTML":         func(s string) string { return html.EscapeString(inJSON(s)) },
		"in a URL in JSON":        func(s string) string { return inJSON(url.QueryEscape(s)) },
		"between quotes":          func(s string) string { return strings.Trim(fmt.Sprintf("%q", s), `"`) },
		"in base64":               func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"in a URL's base64":       func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
		"in escaped base64":       func(s string) string { return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(s))) },
		"after a name in base64":  func(s string) string { return base64.StdEncoding.EncodeToString([]byte("user:" + s)) },
		"after a name and before": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("me:" + s + "\r\n")) },
	} {
		for _, secret := range []string{awkward, "pk-Secret/1234+abc", "pictor_sim_JYI3TYXSYJHSQIMDIH6BZCIWM"} {
			spelled := spelling(secret)
			got := pictor.Redact("before "+spelled+" after", "unrelated", secret)
			rest := strings.ReplaceAll(got, "[redacted]", "")
			if !strings.HasPrefix(got, "before ") || !strings.HasSuffix(got, " after") || !strings.Contains(got, "[redacted]") || len(rest) > len("before  after")+12 {
				t.Errorf("%s, %s stays: %s", name, spelled, got)
			}
		}
	}
	for _, innocent := range []string{"", "instance trainer is running", strings.Repeat("a", 300)} {
		if got := pictor.Redact(innocent, awkward, "abc", ""); got != innocent {
			t.Errorf("%q became %q", innocent, got)
		}
	}
}

func TestATraceHasHeadersAndBodiesWithoutSecrets(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"Authorization", "X-My-Key"} {
		var log bytes.Buffer
		answer := `{"id":"ins_1","name":"trainer","status":"running","password":"` + inJSON(awkward) + `","windows_password":"of-another","note":"` + base64.StdEncoding.EncodeToString([]byte("x:"+key)) + `"}`
		s := serve(t, step{status: 201, body: answer, header: map[string]string{"X-Request-Id": "req_9", "Set-Cookie": "session=abcdef", "X-Echo": key}})
		c := client(t, s.URL, func(c *pictor.Config) {
			c.AuthHeader = header
			c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: pictor.LevelTrace}))
		})
		create := spec()
		password := awkward
		create.Password = &password
		if _, err := c.CreateInstance(t.Context(), create, "token-1"); err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(log.String(), "\n"); lines != 1 {
			t.Errorf("%d lines: %s", lines, &log)
		}
		for _, want := range []string{"method=POST", "status=201", "request_id=req_9", "request_header." + header + "=[redacted]", "request_body=", "response_body=", `\"name\":\"trainer\"`, "response_header.X-Request-Id=req_9", "request_header.Idempotency-Key=token-1"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("lacks %s: %s", want, &log)
			}
		}
		for _, secret := range []string{key, awkward, "orse", "of-another", "session=abcdef", base64.StdEncoding.EncodeToString([]byte("x:" + key))} {
			if strings.Contains(log.String(), secret) {
				t.Errorf("shows %s: %s", secret, &log)
			}
		}
	}
}

func TestATraceOfALongAnswerIsBounded(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := serve(t, step{body: `{"id":"ins_1","name":"` + strings.Repeat("x", 1<<20) + `"}`})
	c := client(t, s.URL, func(c *pictor.Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: pictor.LevelTrace}))
	})
	if _, err := c.GetInstance(t.Context(), "ins_1"); err != nil || log.Len() > 20_000 {
		t.Errorf("%d bytes, %v", log.Len(), err)
	}
}
