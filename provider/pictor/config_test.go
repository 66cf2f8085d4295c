package pictor_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config pictor.Config
		says   string
	}{
		"no key":                {pictor.Config{}, "PICTOR_API_KEY"},
		"a key of blanks":       {pictor.Config{APIKey: " \n"}, "PICTOR_API_KEY"},
		"a key with a newline":  {pictor.Config{APIKey: "Secret\nkey"}, "copy it again"},
		"plain http":            {pictor.Config{APIKey: key, Endpoint: "http://apiv2.pictor.network/api"}, "allowInsecure"},
		"http to a lookalike":   {pictor.Config{APIKey: key, Endpoint: "http://127.0.0.1.example.com"}, "unencrypted"},
		"http to localhost.com": {pictor.Config{APIKey: key, Endpoint: "http://localhost.example.com"}, "unencrypted"},
		"http to the LAN":       {pictor.Config{APIKey: key, Endpoint: "http://192.168.1.2:8080"}, "unencrypted"},
		"no scheme":             {pictor.Config{APIKey: key, Endpoint: "apiv2.pictor.network/api"}, "https://"},
		"another scheme":        {pictor.Config{APIKey: key, Endpoint: "ftp://pictor.network"}, "https://"},
		"no host":               {pictor.Config{APIKey: key, Endpoint: "https:///api"}, "https://"},
		"not a URL":             {pictor.Config{APIKey: key, Endpoint: "https://:Secret@[x"}, "not a URL"},
		"a password":            {pictor.Config{APIKey: key, Endpoint: "https://me:Secret@pictor.network"}, "PICTOR_API_KEY"},
		"a query":               {pictor.Config{APIKey: key, Endpoint: "https://pictor.network/?key=Secret"}, "drop"},
		"a bad header":          {pictor.Config{APIKey: key, AuthHeader: "X API"}, "X API"},
		"a bad scheme":          {pictor.Config{APIKey: key, AuthScheme: "Be\narer"}, "scheme"},
		"a negative limit":      {pictor.Config{APIKey: key, RequestsPerMinute: -1}, "-1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := pictor.New(test.config)
			e := failure(t, err, pictor.CodeValidation)
			if !strings.Contains(e.Error(), test.says) || strings.Contains(e.Error(), "Secret") {
				t.Errorf("says %q", e)
			}
		})
	}
}

func TestNewAccepts(t *testing.T) {
	t.Parallel()
	for endpoint, insecure := range map[string]bool{
		"": false, "https://example.com": false, "https://example.com:8443/api/v3/": false,
		"http://localhost:4000/api": false, "http://LOCALHOST": false, "http://127.0.0.1:1": false,
		"http://127.9.8.7": false, "http://[::1]:4000": false, "http://[::ffff:127.0.0.1]": false,
		"http://pictor.internal": true,
	} {
		c, err := pictor.New(pictor.Config{APIKey: " " + key + "\n", Endpoint: endpoint, AllowInsecure: insecure})
		if err != nil {
			t.Errorf("%q: %v", endpoint, err)
		} else if !strings.HasSuffix(c.Endpoint(), "/") {
			t.Errorf("%q became %q", endpoint, c.Endpoint())
		}
	}
}

func TestConfigHidesTheKey(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	config := pictor.Config{APIKey: key}
	slog.New(slog.NewJSONHandler(&log, nil)).Info("config", "config", config)
	for _, text := range []string{fmt.Sprint(config), fmt.Sprintf("%+v", config), fmt.Sprintf("%#v", config), log.String()} {
		if strings.Contains(text, key) {
			t.Errorf("shows the key: %s", text)
		}
		if !strings.Contains(text, "[redacted]") {
			t.Errorf("does not say that there is one: %s", text)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header, scheme string
		sent, want     string
	}{
		"default":             {"", "", "Authorization", "Bearer " + key},
		"another scheme":      {"", "Token", "Authorization", "Token " + key},
		"a header of its own": {"X-API-Key", "", "X-Api-Key", key},
		"with a scheme":       {"X-Auth", "Key", "X-Auth", "Key " + key},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, step{want: "GET /api/gpu-instances/ins_1", body: instance})
			c := client(t, s.URL, func(c *pictor.Config) { c.AuthHeader, c.AuthScheme = test.header, test.scheme })
			if _, err := c.GetInstance(t.Context(), "ins_1"); err != nil {
				t.Fatal(err)
			}
			h := s.requests()[0].Header
			if got := h.Get(test.sent); got != test.want {
				t.Errorf("%s: %q, want %q", test.sent, got, test.want)
			}
			if got, want := h.Get("User-Agent"), "pulumi-pictor/1.2.3 (+https://github.com/pulumi-pictor/pulumi-pictor)"; got != want {
				t.Errorf("User-Agent: %q, want %q", got, want)
			}
			if !strings.HasPrefix(h.Get("Accept"), "application/json") {
				t.Errorf("Accept: %q", h.Get("Accept"))
			}
		})
	}
}
