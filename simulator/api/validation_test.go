package api_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
)

// badFields are the names of the fields that a 422 complains about.
func badFields(a *answer) []string {
	a.t.Helper()
	refusal := a.refused(422, "validation")
	if refusal.Errors == nil {
		a.t.Fatalf("%s is refused without the bad fields: %s", a.what, a.body)
	}
	for field, faults := range *refusal.Errors {
		if len(faults) == 0 || slices.Contains(faults, "") {
			a.t.Errorf("%s: %s is bad, but nothing says why", a.what, field)
		}
	}
	return slices.Sorted(maps.Keys(*refusal.Errors))
}

func TestEveryBadFieldOfARentalIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	c.rent("taken", nil)
	linuxOnly := c.offer("gpu_model=H100").Id
	for name, tc := range map[string]struct {
		changes object
		want    string
	}{
		"nothing given": {
			object{"name": nil, "offer_id": nil, "os": nil, "gpu_count": nil, "storage_gb": nil, "rental_hours": nil},
			"gpu_count name offer_id os rental_hours storage_gb",
		},
		"everything bad": {
			object{"name": "a/b", "offer_id": "off_nothing", "os": "beos", "gpu_count": 0, "storage_gb": 9, "rental_hours": 8761, "ssh_key_ids": []string{"key_nobody"}},
			"gpu_count name offer_id os rental_hours ssh_key_ids storage_gb",
		},
		"what only the contract sees": {object{"gpu_count": 17, "storage_gb": 65537}, "gpu_count storage_gb"},
		"what only the market sees":   {object{"offer_id": "off_nothing", "name": "taken"}, "name offer_id"},
		"one of each kind":            {object{"gpu_count": 0, "name": "taken", "offer_id": "off_nothing"}, "gpu_count name offer_id"},
		"wrong types":                 {object{"gpu_count": "one", "auto_renew": "yes", "name": 7}, "auto_renew gpu_count name"},
		// One field that cannot be read at all makes no other bad.
		"an id that is none":   {object{"offer_id": object{}}, "offer_id"},
		"keys that are none":   {object{"ssh_key_ids": "laptop"}, "ssh_key_ids"},
		"a fraction of a GPU":  {object{"gpu_count": 1.5}, "gpu_count"},
		"more than an integer": {object{"gpu_count": 1e30, "rental_hours": 1e19}, "gpu_count rental_hours"},
		"null":                 {object{"name": nil, "password": (*int)(nil)}, "name password"},
		"Windows, no password": {object{"os": "windows"}, "password"},
		"Windows, a weak one":  {object{"os": "windows", "password": "password"}, "password"},
		"Windows, too long":    {object{"os": "windows", "password": "Aa1!" + strings.Repeat("x", 125)}, "password"},
		"Linux, a password":    {object{"password": "Correct-Horse-42"}, "password"},
		"Windows on Linux":     {object{"os": "windows", "password": "Correct-Horse-42", "offer_id": linuxOnly}, "os"},
		"the same key twice":   {object{"ssh_key_ids": []string{"key_a", "key_a"}}, "ssh_key_ids"},
		"too long a name":      {object{"name": strings.Repeat("x", 64)}, "name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &caller{c.Sim, t}
			body := c.rental("fine", tc.changes)
			if _, null := tc.changes["password"].(*int); null {
				body["password"] = nil
			}
			if got := strings.Join(badFields(c.call("POST", "/gpu-instances", body)), " "); got != tc.want {
				t.Errorf("bad fields are %s, want %s", got, tc.want)
			}
		})
	}
	t.Cleanup(func() {
		if n := len(c.Instances()); n != 1 {
			t.Errorf("%d instances are rented, want the first one only", n)
		}
	})
}

func TestAFieldThatCannotBeReadIsNotCalledMissing(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	refusal := c.call("POST", "/gpu-instances", c.rental("fine", object{"offer_id": object{}})).refused(422, "validation")
	if got := (*refusal.Errors)["offer_id"]; slices.Contains(got, "is required") {
		t.Errorf("an offer_id that is an object %v", got)
	}
}

func TestOtherBodiesNameEveryBadField(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	inst := c.rent("trainer", nil)
	c.rent("other", nil)
	path := "/gpu-instances/" + string(inst.Id)
	key := into[wire.SshKey](c.call("POST", "/ssh-keys", object{"name": "laptop", "public_key": keyA}).is(201))
	for _, tc := range []struct {
		method, path string
		body         any
		want         string
	}{
		{"POST", "/gpu-instances/quote", object{}, "gpu_count offer_id os rental_hours storage_gb"},
		{"POST", "/gpu-instances/quote", object{"offer_id": "off_nothing", "os": "linux", "gpu_count": 0, "storage_gb": 10, "rental_hours": 1}, "gpu_count offer_id"},
		{"POST", "/ssh-keys", object{}, "name public_key"},
		{"POST", "/ssh-keys", object{"name": "", "public_key": "junk"}, "name public_key"},
		{"POST", "/ssh-keys", object{"name": "laptop", "public_key": "junk"}, "name public_key"},
		{"POST", "/ssh-keys", object{"name": "other", "public_key": keyA}, "public_key"},
		{"POST", "/ssh-keys", object{"name": "other", "public_key": keyA + "\n" + keyB}, "public_key"},
		{"PATCH", "/ssh-keys/" + string(key.Id), object{"name": ""}, "name"},
		{"PATCH", path, object{"name": "other"}, "name"},
		{"PATCH", path, object{"name": " a"}, "name"},
		{"POST", path + "/extend", object{}, "hours"},
		{"POST", path + "/extend", object{"hours": 0}, "hours"},
		{"POST", path + "/extend", object{"hours": 8761}, "hours"},
		{"POST", path + "/extend", `{"hours":1,"HOURS":-5}`, "hours"},
		{"PUT", path + "/auto-renew", object{"enabled": "yes"}, "enabled"},
		{"PUT", path + "/ssh-keys", object{"ssh_key_ids": []string{"key_nobody"}}, "ssh_key_ids"},
		{"POST", "/ssh-keys", []string{}, "body name public_key"},
		{"PATCH", path, "null", "body"},
	} {
		if got := strings.Join(badFields(c.call(tc.method, tc.path, tc.body)), " "); got != tc.want {
			t.Errorf("%s %s with %v: bad fields are %s, want %s", tc.method, tc.path, tc.body, got, tc.want)
		}
	}
}

func TestBadParametersAreNamed(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	for request, want := range map[string]string{
		"GET /gpu-instances/offers?page=0&per_page=101&os=beos&gpu_count=17&country=Germany&sort=name&max_price_per_hour=cheap&min_vram_gb=-1": "country gpu_count max_price_per_hour min_vram_gb os page per_page sort",
		"GET /gpu-instances?status=asleep":                         "status",
		"GET /gpu-instances?page=99999999999999999999":             "page",
		"GET /gpu-instances?page=1.5&per_page=x":                   "page per_page",
		"GET /gpu-instances/" + strings.Repeat("x", 129):           "instance_id",
		"GET /transactions?type=gift":                              "type",
		"GET /gpu-instances/offers?max_price_per_hour=-1":          "max_price_per_hour",
		"GET /gpu-instances/offers?max_price_per_hour=1e3":         "max_price_per_hour",
		"GET /gpu-instances/offers?gpu_count=18446744073709551617": "gpu_count",
	} {
		method, path, _ := strings.Cut(request, " ")
		if got := strings.Join(badFields(c.call(method, path, nil)), " "); got != want {
			t.Errorf("%s: bad parameters are %s, want %s", request, got, want)
		}
	}
	body := c.rental("a/b", nil)
	got := badFields(c.call("POST", "/gpu-instances", body, "Idempotency-Key", strings.Repeat("k", 256)))
	if !slices.Equal(got, []string{"Idempotency-Key", "name"}) {
		t.Errorf("bad fields are %v, want the header and the name", got)
	}
}

func TestAnIdempotencyKeyIsForOneRequest(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	create := func(body object) *answer { return c.call("POST", "/gpu-instances", body, "Idempotency-Key", "k") }
	first := into[wire.Instance](create(c.rental("trainer", nil)).is(201))
	if again := into[wire.Instance](create(c.rental("trainer", nil)).is(201)); again.Id != first.Id {
		t.Errorf("the same again made %s, want %s", again.Id, first.Id)
	}
	if got := badFields(create(c.rental("other", nil))); !slices.Equal(got, []string{"Idempotency-Key"}) {
		t.Errorf("bad fields are %v, want the key", got)
	}
	extend := func() wire.Instance {
		return into[wire.Instance](c.call("POST", "/gpu-instances/"+string(first.Id)+"/extend", object{"hours": 2}, "Idempotency-Key", "e").is(200))
	}
	if extend(); extend().ExtendedHours != 2 {
		t.Error("an extension with one key was carried out twice")
	}
	if n := len(c.Instances()); n != 1 {
		t.Errorf("%d instances are rented, want one", n)
	}
}
