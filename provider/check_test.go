package provider_test

import (
	"strings"
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

func TestProblemsShowOnThePropertyAtPreview(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	desk := props{"os": text("windows"), "rentalHours": number(1), "windowsPassword": text("Correct-Horse-42")}
	anyGPU := props{"rentalHours": number(1)}
	laptop := props{"publicKey": text(ed25519Key)}
	for name, c := range map[string]struct {
		of       tokens.Type
		base     props
		change   props
		property string
		says     string
	}{
		"no period":            {instanceType, trainer, props{"rentalHours": property.Value{}}, "rentalHours", "is missing"},
		"no hours":             {instanceType, trainer, props{"rentalHours": number(0)}, "rentalHours", "must be 1 to 8760, not 0"},
		"unknown system":       {instanceType, trainer, props{"os": text("macos")}, "os", `"linux" or "windows"`},
		"no GPU":               {instanceType, trainer, props{"gpuCount": number(0)}, "gpuCount", "1 to 16"},
		"little storage":       {instanceType, trainer, props{"storageGb": number(9)}, "storageGb", "10 to 65536"},
		"negative extension":   {instanceType, trainer, props{"extensionHours": number(-1)}, "extensionHours", "0 to 8760"},
		"country by name":      {instanceType, trainer, props{"country": text("Germany")}, "country", "two letters"},
		"price in words":       {instanceType, trainer, props{"maxPricePerHour": text("cheap")}, "maxPricePerHour", "decimal string"},
		"price too exact":      {instanceType, trainer, props{"maxPricePerHour": text("0.1234567")}, "maxPricePerHour", "six decimal places"},
		"price of nothing":     {instanceType, trainer, props{"maxPricePerHour": text("0")}, "maxPricePerHour", "above 0"},
		"model and fallbacks":  {instanceType, trainer, props{"gpuModels": texts("RTX 3090")}, "gpuModels", "excludes gpuModel"},
		"a model of no name":   {instanceType, trainer, props{"gpuModel": text(" ")}, "gpuModel", "leave it out"},
		"an offer of no id":    {instanceType, trainer, props{"offerId": text("")}, "offerId", "leave it out"},
		"fallback twice":       {instanceType, anyGPU, props{"gpuModels": texts("RTX 3090", "rtx 3090")}, "gpuModels", `"rtx 3090" twice`},
		"fallback of nothing":  {instanceType, anyGPU, props{"gpuModels": texts("RTX 3090", " ")}, "gpuModels", "empty name at place 2"},
		"no fallbacks":         {instanceType, anyGPU, props{"gpuModels": texts()}, "gpuModels", "names no model"},
		"wait in words":        {instanceType, trainer, props{"capacityWait": text("a while")}, "capacityWait", `such as "30m" or "2h", not "a while"`},
		"wait without unit":    {instanceType, trainer, props{"capacityWait": text("30")}, "capacityWait", "duration"},
		"no key in a list":     {instanceType, trainer, props{"sshKeyIds": property.New(property.NewArray([]property.Value{text("key_1"), {}}))}, "sshKeyIds", "nothing at place 2"},
		"wait backwards":       {instanceType, trainer, props{"capacityWait": text("-1m")}, "capacityWait", "duration"},
		"wish for deletion":    {instanceType, trainer, props{"desiredStatus": text("deleted")}, "desiredStatus", `"running" or "stopped"`},
		"key twice":            {instanceType, trainer, props{"sshKeyIds": texts("key_1", "key_1")}, "sshKeyIds", "twice"},
		"name that begins ill": {instanceType, trainer, props{"name": text("-x")}, "name", "begin with a letter or digit"},
		"name that ends ill":   {instanceType, trainer, props{"name": text("mine ")}, "name", "not end with a space"},
		"name too long":        {instanceType, trainer, props{"name": text(strings.Repeat("x", 64))}, "name", "1 to 63"},
		"password on linux":    {instanceType, trainer, props{"windowsPassword": text("Correct-Horse-42")}, "", "windowsPassword: is for Windows"},
		"keys on windows":      {instanceType, desk, props{"sshKeyIds": texts("key_1")}, "sshKeyIds", "for Linux"},
		"short password":       {instanceType, desk, props{"windowsPassword": text("Sh0rt-one")}, "", "windowsPassword: must have at least 10"},
		"password w/o symbol":  {instanceType, desk, props{"windowsPassword": text("CorrectHorse42")}, "", "symbol"},
		"unknown property":     {instanceType, trainer, props{"gpuModle": text("x")}, "gpuModle", "no input"},
		"a word for a number":  {instanceType, trainer, props{"gpuCount": text("two")}, "gpuCount", "must be a whole number, not a string"},
		"a number for a price": {instanceType, trainer, props{"maxPricePerHour": number(1)}, "maxPricePerHour", "must be a string, not a number: write it in quotes"},
		"part of an hour":      {instanceType, trainer, props{"rentalHours": property.New(1.5)}, "rentalHours", "must be a whole number, not 1.5"},
		"too many hours":       {instanceType, trainer, props{"rentalHours": property.New(1e300)}, "rentalHours", "must be a whole number"},
		"secret fallbacks":     {instanceType, anyGPU, props{"gpuModels": texts("Horse", "horse").WithSecret(true)}, "", "gpuModels: names [secret] twice"},
		"a secret name":        {instanceType, trainer, props{"name": text("Horse!").WithSecret(true)}, "", "name: [secret] must have"},
		"wait for anything":    {instanceType, trainer, props{"waitFor": text("boot")}, "waitFor", `"none", "running" or "ssh"`},
		"ssh on windows":       {instanceType, desk, props{"waitFor": text("ssh")}, "waitFor", "over RDP"},
		"no key":               {sshKeyType, laptop, props{"publicKey": text("hello")}, "publicKey", "one-line form"},
		"two keys":             {sshKeyType, laptop, props{"publicKey": text(ed25519Key + "\n" + ed25519Key)}, "publicKey", "one key"},
		"a private key":        {sshKeyType, laptop, props{"publicKey": text("-----BEGIN OPENSSH PRIVATE KEY-----")}, "", ".pub"},
		"name of an SSH key":   {sshKeyType, laptop, props{"name": text("ö")}, "name", "letters, digits"},
	} {
		_, failures := s.check(c.of, "it", property.Map{}, with(c.base, c.change))
		if len(failures) != 1 || failures[0].Property != c.property || !strings.Contains(failures[0].Reason, c.says) {
			t.Errorf("%s: failures are %v, not one of %s that says %q", name, failures, c.property, c.says)
		}
		if strings.Contains(toString(failures), "Horse") {
			t.Errorf("%s: the password shows in %v", name, failures)
		}
	}
}

func TestEveryProblemShowsAtOnce(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	_, failures := s.check(instanceType, "it", property.Map{}, props{"rentalHours": number(0), "gpuCount": number(0), "storageGb": number(1), "os": text("x")})
	if len(failures) != 4 {
		t.Errorf("4 properties are wrong, and %v fail", failures)
	}
}

func TestWhatIsUnknownIsNotJudged(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	all := props{}
	for _, key := range []string{"name", "os", "gpuCount", "storageGb", "rentalHours", "extensionHours", "country", "maxPricePerHour", "desiredStatus", "sshKeyIds", "windowsPassword", "gpuModel", "gpuModels", "capacityWait"} {
		all[key] = unknown
	}
	checked, failures := s.check(instanceType, "it", property.Map{}, all)
	if len(failures) > 0 {
		t.Errorf("failures are %v", failures)
	}
	for key := range all {
		if !checked.Get(key).HasComputed() {
			t.Errorf("%s was unknown and is %v after the check", key, checked.Get(key))
		}
	}
	some := property.New(property.NewArray([]property.Value{text("RTX 4090"), unknown, text("RTX 4090")}))
	checked, failures = s.check(instanceType, "it", property.Map{}, props{"rentalHours": number(1), "gpuModels": some})
	if list := checked.Get("gpuModels"); len(failures) > 0 || !list.Equals(some) {
		t.Errorf("a list of which one is unknown became %v, %v", list, failures)
	}
	desk := props{"os": text("windows"), "rentalHours": number(1), "windowsPassword": unknown}
	if _, failures := s.check(instanceType, "it", property.Map{}, desk); len(failures) > 0 {
		t.Errorf("a password yet to be generated fails: %v", failures)
	}
	if _, failures := s.check(sshKeyType, "it", property.Map{}, props{"publicKey": unknown}); len(failures) > 0 {
		t.Errorf("a key yet to be generated fails: %v", failures)
	}
}

func TestNamesStayAndNeverMeet(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	first := s.mustCheck(instanceType, "my team/trainer!", property.Map{}, trainer)
	again := s.mustCheck(instanceType, "my team/trainer!", first, trainer)
	other := s.mustCheck(instanceType, "my team/trainer!", property.Map{}, trainer)
	name := first.Get("name").AsString()
	if !strings.HasPrefix(name, "my-team-trainer-") {
		t.Errorf("the name is %q", name)
	}
	if again.Get("name").AsString() != name || other.Get("name").AsString() == name {
		t.Errorf("%q became %q, and a replacement is %q", name, again.Get("name").AsString(), other.Get("name").AsString())
	}
	long := s.mustCheck(instanceType, strings.Repeat("long", 40), property.Map{}, trainer).Get("name").AsString()
	if len(long) > 63 {
		t.Errorf("%q has %d characters", long, len(long))
	}
	if odd := s.mustCheck(instanceType, "+++", property.Map{}, trainer).Get("name").AsString(); !strings.HasPrefix(odd, "pictor-") {
		t.Errorf("a name made of nothing is %q", odd)
	}
}

func toString(failures []p.CheckFailure) string {
	var b strings.Builder
	for _, f := range failures {
		b.WriteString(f.Property + f.Reason)
	}
	return b.String()
}
