package api_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

func TestWithoutAValidKeyEverythingIs401(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	for name, headers := range map[string][]string{
		"no key":           {"Authorization", ""},
		"a wrong key":      {"Authorization", "Bearer pictor_sim_wrong"},
		"an empty key":     {"Authorization", "Bearer"},
		"another scheme":   {"Authorization", "Basic " + c.APIKey},
		"the bare key":     {"Authorization", c.APIKey},
		"a wrong X-API":    {"Authorization", "", "X-API-Key", "pictor_sim_wrong"},
		"part of the key":  {"Authorization", "Bearer " + c.APIKey[:len(c.APIKey)-1]},
		"more than a key":  {"Authorization", "Bearer " + c.APIKey + "x"},
		"the key, shouted": {"Authorization", "Bearer " + strings.ToLower(c.APIKey)},
	} {
		for _, path := range []string{"", "/", "/account", "/gpu-instances", "/gpu-instances/offers", "/nothing/here"} {
			for _, method := range []string{"GET", "POST", "DELETE", "OPTIONS"} {
				a := c.call(method, path, nil, headers...)
				if refusal := a.refused(401, "unauthorized"); strings.Contains(refusal.Message, c.APIKey) {
					t.Errorf("%s: the refusal shows the key", name)
				}
			}
		}
	}
	c.call("POST", "/gpu-instances", strings.Repeat("x", 2<<20), "Authorization", "").refused(401, "unauthorized")
	if len(c.Instances()) != 0 {
		t.Error("something was rented without a key")
	}
}

func TestBothHeadersTakeTheKey(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	c.call("GET", "/account", nil, "Authorization", "", "X-API-Key", c.APIKey).is(200)
	c.call("GET", "/account", nil, "Authorization", "bearer "+c.APIKey).is(200)
	c.call("GET", "/account", nil, "Authorization", "Basic dXNlcg==", "X-API-Key", c.APIKey).is(200)
}

func TestARevokedKeyIs401(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	c.call("GET", "/account", nil).is(200)
	api := c.Endpoint
	c.Endpoint = strings.TrimSuffix(api, "/api") + "/_sim"
	c.call("DELETE", "/keys/api_1", nil).is(200)
	c.Endpoint = api
	c.call("GET", "/account", nil).refused(401, "unauthorized")
}

func TestWithoutCreditsRentingIs402(t *testing.T) {
	t.Parallel()
	c := newCaller(t, simtest.Credits(1))
	body := c.rental("trainer", object{"rental_hours": 100})
	refusal := c.call("POST", "/gpu-instances", body).refused(402, "insufficient_credits")
	quote := into[wire.Quote](c.call("POST", "/gpu-instances/quote", body).is(200))
	if quote.Affordable {
		t.Errorf("the quote %+v says that 1 credit suffices", quote)
	}
	if !strings.Contains(refusal.Message, quote.PrepaidTotal.String()) {
		t.Errorf("%q does not say that it costs %s", refusal.Message, quote.PrepaidTotal)
	}
	if c.account().Balance != wire.Credit || len(c.Instances()) != 0 {
		t.Error("something was charged or rented")
	}
	inst := c.rent("trainer", nil)
	c.call("POST", "/gpu-instances/"+string(inst.Id)+"/extend", object{"hours": 1000}).refused(402, "insufficient_credits")
}

func TestUnknownThingsAre404(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	for _, request := range []string{
		"GET ", "GET /", "GET /nothing", "POST /nothing", "GET /gpu-instances/", "GET /gpu-instances/a/b/c", "GET //account", "GET /account/",
		"GET /gpu-instances/ins_nobody", "DELETE /gpu-instances/ins_nobody",
		"POST /gpu-instances/ins_nobody/stop", "POST /gpu-instances/ins_nobody/start",
		"GET /gpu-instances/offers/off_nothing", "GET /ssh-keys/key_nobody", "DELETE /ssh-keys/key_nobody",
		"GET /transactions/txn_99999999/invoice", "GET /transactions/txn_99999999999999999999/invoice", "GET /transactions/x/invoice",
		"GET /gpu-instances/%2e%2e", "GET /gpu-instances/a%2Fb", "GET /gpu-instances/%00", "GET /gpu-instances/" + url.PathEscape("'; drop table --"),
		"GET /gpu-instances/" + strings.Repeat("x", 128),
	} {
		method, path, _ := strings.Cut(request, " ")
		c.call(method, path, nil).refused(404, "not_found")
	}
	for _, request := range []struct {
		method, path string
		body         object
	}{
		{"PATCH", "/gpu-instances/ins_nobody", object{"name": "x"}},
		{"POST", "/gpu-instances/ins_nobody/extend", object{"hours": 1}},
		{"PUT", "/gpu-instances/ins_nobody/auto-renew", object{"enabled": true}},
		{"PUT", "/gpu-instances/ins_nobody/ssh-keys", object{"ssh_key_ids": []string{}}},
		{"PATCH", "/ssh-keys/key_nobody", object{"name": "x"}},
	} {
		c.call(request.method, request.path, request.body).refused(404, "not_found")
	}
}

func TestWrongMethodsAre405(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	for _, request := range []string{
		"DELETE /gpu-instances", "PUT /gpu-instances/ins_x", "GET /gpu-instances/ins_x/stop", "POST /gpu-instances/ins_x/auto-renew",
		"POST /account", "PATCH /ssh-keys", "TRACE /account", "PROPFIND /account",
	} {
		method, path, _ := strings.Cut(request, " ")
		a := c.call(method, path, nil)
		a.refused(405, "method_not_allowed")
		if a.header.Get("Allow") == "" {
			t.Errorf("%s: no Allow header says what would be", request)
		}
	}
	if a := c.call("HEAD", "/account", nil).is(405); len(a.body) != 0 {
		t.Errorf("HEAD has the body %s", a.body)
	}
	if a := c.call("OPTIONS", "/account", nil).is(204); !strings.Contains(a.header.Get("Allow"), "GET") {
		t.Errorf("OPTIONS says that %q is allowed", a.header.Get("Allow"))
	}
}

func TestConflictsAre409(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	offer := c.offer("os=windows")
	c.call("POST", "/gpu-instances", c.rental("a", object{"gpu_count": offer.GpusAvailable + 1})).refused(409, "no_capacity")
	c.call("POST", "/gpu-instances", c.rental("a", object{"storage_gb": offer.DiskAvailableGb + 1})).refused(409, "no_capacity")

	key := into[wire.SshKey](c.call("POST", "/ssh-keys", object{"name": "laptop", "public_key": keyA}).is(201))
	inst := c.rent("a", object{"ssh_key_ids": []wire.ID{key.Id}})
	path := "/gpu-instances/" + string(inst.Id)
	c.call("POST", path+"/stop", nil).refused(409, "wrong_state")
	c.call("POST", path+"/start", nil).refused(409, "wrong_state")
	c.call("DELETE", "/ssh-keys/"+string(key.Id), nil).refused(409, "wrong_state")
	c.call("DELETE", path, nil).is(202)
	c.call("DELETE", path, nil).is(202) // again changes nothing
	c.call("POST", path+"/extend", object{"hours": 1}).refused(409, "wrong_state")
}

func TestARentedOfferHasFewerGPUs(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	offer := c.offer("os=windows")
	inst := c.rent("a", object{"gpu_count": offer.GpusAvailable})
	if got := into[wire.Offer](c.call("GET", "/gpu-instances/offers/"+string(offer.Id), nil).is(200)); got.GpusAvailable != 0 {
		t.Errorf("%d GPUs are free, want none", got.GpusAvailable)
	}
	if next := c.offer("os=windows"); next.Id == offer.Id {
		t.Error("the list offers a host without a free GPU")
	}
	c.call("DELETE", "/gpu-instances/"+string(inst.Id), nil).is(202)
	c.get(inst.Id)
	if got := c.offer("os=windows"); got.Id != offer.Id || got.GpusAvailable != offer.GpusAvailable {
		t.Errorf("deleted, %d GPUs are free, want %d", got.GpusAvailable, offer.GpusAvailable)
	}
}

func TestBodiesOverOneMiBAre413(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	body := func(size int) string {
		head := fmt.Sprintf(`{"name":"a","offer_id":%q,"os":"linux","gpu_count":1,"storage_gb":10,"rental_hours":1,"padding":"`, c.offer("").Id)
		return head + strings.Repeat("x", size-len(head)-2) + `"}`
	}
	c.call("POST", "/gpu-instances", body(1<<20+1)).refused(413, "payload_too_large")
	// The same without a length in advance.
	c.call("POST", "/gpu-instances", struct{ io.Reader }{strings.NewReader(body(1<<20 + 1))}).refused(413, "payload_too_large")
	if len(c.Instances()) != 0 {
		t.Fatal("a refused request rented something")
	}
	c.call("POST", "/gpu-instances", body(1<<20)).is(201)
}

func TestBodiesThatCannotBeReadAre400(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	for name, body := range map[string]string{
		"nothing": "", "no JSON": "hello", "half of it": `{"name":"a"`, "XML": "<name>a</name>", "binary": "\x00\xff\xfe",
	} {
		if a := c.call("POST", "/gpu-instances", body); a.status != 400 {
			t.Errorf("%s is answered %d %s, want 400", name, a.status, a.body)
		} else {
			a.refused(400, "bad_request")
		}
	}
	c.call("POST", "/gpu-instances", "name=a", "Content-Type", "application/x-www-form-urlencoded").refused(400, "bad_request")
	c.call("POST", "/gpu-instances", `{"name":"a"}`, "Content-Type", "").refused(400, "bad_request")
}

// What no ordinary client would send must not bring the server down either.
func TestRawRequests(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	address := strings.TrimSuffix(strings.TrimPrefix(c.Endpoint, "http://"), "/api")
	auth := "Host: x\r\nConnection: close\r\nAuthorization: Bearer " + c.APIKey + "\r\n"
	for name, request := range map[string]string{
		"CONNECT":            "CONNECT x:80 HTTP/1.1\r\n" + auth + "\r\n",
		"asterisk":           "OPTIONS * HTTP/1.1\r\n" + auth + "\r\n",
		"no path":            "GET http://x HTTP/1.1\r\n" + auth + "\r\n",
		"absolute":           "GET http://x/api/account HTTP/1.1\r\n" + auth + "\r\n",
		"encoded base":       "GET /%61pi/account HTTP/1.1\r\n" + auth + "\r\n",
		"encoded slash":      "GET /api%2Faccount HTTP/1.1\r\n" + auth + "\r\n",
		"odd query":          "GET /api/gpu-instances/offers?%zz&page=%ff&;&=&&sort HTTP/1.1\r\n" + auth + "\r\n",
		"two keys":           "GET /api/account HTTP/1.1\r\n" + auth + "Authorization: Bearer x\r\n\r\n",
		"HTTP/1.0":           "GET /api/account HTTP/1.0\r\n" + auth + "\r\n",
		"a wrong length":     "POST /api/ssh-keys HTTP/1.1\r\n" + auth + "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}{}{}",
		"a negative length":  "POST /api/ssh-keys HTTP/1.1\r\n" + auth + "Content-Length: -1\r\n\r\n",
		"a header of 100 KB": "GET /api/account HTTP/1.1\r\n" + auth + "X-Junk: " + strings.Repeat("x", 100<<10) + "\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, request); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if resp.StatusCode >= 500 && resp.StatusCode != http.StatusHTTPVersionNotSupported {
			t.Errorf("%s is answered %s", name, resp.Status)
		}
		conn.Close()
	}
	c.call("GET", "/account", nil).is(200)
}
