package tests

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
)

// awkwardPassword is spelled otherwise in JSON, in a URL, in HTML and between
// quotes, and each of them is the password all the same.
const awkwardPassword = `C0rrect "Horse"&<Battery>/\é+42`

const desk = `
config:
  password: {type: string, secret: true}
resources:
  desk:
    type: pictor:Instance
    properties: {name: desk, os: windows, gpuModel: RTX 3090, rentalHours: 1, windowsPassword: "${password}"}
`

// Every byte that Pulumi prints, logs and stores is searched for the API key
// and the password, in every spelling, while the service itself repeats both.
func TestSecretsAreNowhere(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		password string
		loud     []string
	}{
		"shown": {awkwardPassword, nil},
		// In what Pulumi logs, Pulumi looks for the plain spelling only.
		"logged": {"Correct-Horse-42", []string{"-v=9", "--logtostderr", "--logflow"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			secretsAreNowhere(t, test.password, test.loud)
		})
	}
}

func secretsAreNowhere(t *testing.T, password string, logging []string) {
	p := newProject(t)
	p.env = append(p.env, "PICTOR_LOG=trace", "PICTOR_LOG_FILE="+filepath.Join(p.dir, "wire.log"))
	p.program(desk)
	loud := func(args ...string) string {
		out, _ := p.try(append(args, logging...)...)
		return out
	}
	p.pulumi("stack", "init", "e2e")
	p.pulumi("config", "set", "password", password, "--secret")

	secrets := map[string]string{"password": password, "API key": p.sim.APIKey}
	p.sim.Fault(echo("createInstance", secrets))
	printed := p.pulumi("preview", "--diff") + loud("preview", "--diff")
	if failed := loud("up", "--yes", "--diff"); !strings.Contains(failed, "[redacted]") {
		t.Errorf("the refusal that repeats the secrets does not show:\n%s", failed)
	} else {
		printed += failed
	}
	printed += loud("up", "--yes", "--diff")
	desk := only(t, p.sim)
	printed += loud("refresh", "--yes", "--diff") + loud("preview", "--diff", "--show-secrets=false")

	other := &project{t: t, dir: filepath.Join(p.dir, "other"), sim: p.sim, env: p.env}
	if err := os.Mkdir(other.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	other.program("resources: {}\n")
	other.pulumi("stack", "init", "imported")
	imported, err := other.try(append([]string{"import", "pictor:index:Instance", "desk", desk.ID, "--yes", "--protect=false"}, logging...)...)
	if err != nil {
		t.Errorf("import: %v\n%.3000s", err, imported)
	}
	printed += imported + other.pulumi("stack", "export") + other.pulumi("stack", "--show-ids")

	p.sim.Fault(echo("deleteInstance", secrets))
	printed += p.pulumi("stack", "export") + p.pulumi("stack", "--show-ids") + p.pulumi("stack", "history", "--json") +
		loud("destroy", "--yes", "--diff") + p.pulumi("destroy", "--yes", "--diff")
	if left := p.sim.Instances(); len(left) != 0 {
		t.Errorf("still rented: %+v", left)
	}
	printed = withoutPulumisOwn.ReplaceAllString(printed, "")
	found := search("what is printed", printed, secrets)
	err = filepath.WalkDir(p.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		found = append(found, search(path, string(content), secrets)...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, where := range found {
		if i == 10 {
			t.Fatalf("and %d more", len(found)-i)
		}
		t.Error(where)
	}
	log, err := os.ReadFile(filepath.Join(p.dir, "wire.log"))
	if err != nil || !strings.Contains(string(log), "[redacted]") || !strings.Contains(string(log), "/api/gpu-instances") {
		t.Errorf("the wire log is not what was searched: %v", err)
	}
}

// withoutPulumisOwn finds the lines in which Pulumi's engine, asked to log
// everything, writes down each value that it gets from the program and hands to
// a provider, secrets too. They are written in the engine's process (a provider's
// have other labels), where no provider has a say; the guide to going live warns
// of them.
var withoutPulumisOwn = regexp.MustCompile(`(?m)^.*arshaling property for RPC\[(Provider\[0x|ResourceMonitor\.).*$`)

// echo is a refusal that repeats secrets in every spelling.
func echo(operation string, secrets map[string]string) fault.Plan {
	text := "refused:"
	for what, secret := range secrets {
		for _, spelling := range spellings(secret) {
			text += fmt.Sprintf(" %s %s", what, spelling)
		}
	}
	body, err := json.Marshal(map[string]any{"message": text[:250], "code": "validation", "errors": map[string][]string{"password": strings.Split(text, " API key")}})
	if err != nil {
		panic(err)
	}
	return fault.Plan{Operation: operation, Phase: fault.Before, Effect: fault.Status{Code: 422, ContentType: "application/json", Body: string(body)}}
}

func spellings(secret string) []string {
	inJSON := func(s string) string {
		b, err := json.Marshal(s)
		if err != nil {
			panic(err)
		}
		return string(b[1 : len(b)-1])
	}
	all := []string{
		secret, inJSON(secret), inJSON(inJSON(secret)), strings.ReplaceAll(inJSON(secret), "/", `\/`),
		url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret), strings.Trim(strconv.Quote(secret), `"`), strings.Trim(strconv.QuoteToASCII(secret), `"`),
	}
	for _, before := range []string{"", "a", "ab"} { // base64 looks otherwise at each of three places
		first, last := (8*len(before)+5)/6, 8*(len(before)+len(secret))/6 // what depends on the secret alone
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			all = append(all, encoding.EncodeToString([]byte(before + secret))[first:last])
		}
	}
	return all
}

// search says where secrets stand in a text.
func search(where, text string, secrets map[string]string) (found []string) {
	for what, secret := range secrets {
		for _, spelling := range spellings(secret) {
			if i := strings.Index(text, spelling); i >= 0 {
				around := text[max(0, i-160):min(len(text), i+len(spelling)+40)]
				found = append(found, fmt.Sprintf("the %s, as %s, stands in %s: …%s…", what, spelling, where, around))
			}
		}
	}
	return found
}
