package pictor_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

func TestRedirectWithinTheHostIsFollowed(t *testing.T) {
	t.Parallel()
	s := serve(t,
		step{want: "GET /api/gpu-instances/ins_1", status: 301, header: map[string]string{"Location": "/v2/gpu-instances/ins_1?a=b"}},
		step{want: "GET /v2/gpu-instances/ins_1?a=b", status: 503, body: busy},
		step{want: "GET /api/gpu-instances/ins_1", status: 307, header: map[string]string{"Location": "ins_2"}},
		step{want: "GET /api/gpu-instances/ins_2", body: instance})
	if _, err := client(t, s.URL).GetInstance(t.Context(), "ins_1"); err != nil {
		t.Fatal(err)
	}
	for _, r := range s.requests() {
		if r.Header.Get("Authorization") != "Bearer "+key {
			t.Errorf("%s came without the key", r.URL)
		}
	}
}

func TestRedirectElsewhereIsRefused(t *testing.T) {
	t.Parallel()
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the other host was asked: %s %s %v", r.Method, r.URL, r.Header)
	}))
	t.Cleanup(thief.Close)
	for name, call := range map[string]func(context.Context, *pictor.Client) error{
		"read": again["read"].call, "put": again["put"].call, "delete": again["delete"].call,
		"create": once["create"].call, "quote": again["quote"].call,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, step{status: 307, header: map[string]string{"Location": thief.URL + "/take/" + key}})
			e := failure(t, call(t.Context(), client(t, s.URL)), pictor.CodeRejected)
			if !strings.Contains(e.Error(), thief.URL) || !strings.Contains(e.Error(), s.URL) {
				t.Errorf("does not name both hosts: %s", e)
			}
			if strings.Contains(e.Error(), key) {
				t.Errorf("shows the key: %s", e)
			}
		})
	}
}

func TestRedirectsThatAreNotFollowed(t *testing.T) {
	t.Parallel()
	to := func(status int, location string) step {
		return step{status: status, header: map[string]string{"Location": location}}
	}
	for name, test := range map[string]struct {
		call  func(context.Context, *pictor.Client) error
		steps []step
		code  pictor.Code
	}{
		"a PUT within the host":  {again["put"].call, []step{to(308, "/other")}, pictor.CodeRejected},
		"a POST within the host": {again["quote"].call, []step{to(302, "/other")}, pictor.CodeRejected},
		"a create, moved":        {once["create"].call, []step{to(301, "/other")}, pictor.CodeRejected},
		"a create, see other":    {once["create"].call, []step{to(303, "/other")}, pictor.CodeAmbiguous},
		"to nowhere":             {again["read"].call, []step{{status: 302}}, pictor.CodeRejected},
		"another scheme":         {again["read"].call, []step{to(302, "https://127.0.0.1/")}, pictor.CodeRejected},
		"in circles": {again["read"].call, []step{
			to(302, "/a"), to(302, "/a"), to(302, "/a"), to(302, "/a"), to(302, "/a"), to(302, "/a"),
		}, pictor.CodeRejected},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, test.steps...)
			failure(t, test.call(t.Context(), client(t, s.URL)), test.code)
		})
	}
}
