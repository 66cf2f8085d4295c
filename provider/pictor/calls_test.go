package pictor_test

import (
	"context"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Every method sends what the contract says.
func TestRequests(t *testing.T) {
	t.Parallel()
	const offer = `{"id":"off_1","gpu_model":"RTX 4090","gpu_vram_gb":24,"gpus_available":4,"host":{"country":"DE"},"os":["linux"],"price_per_gpu_hour":"0.42"}`
	for name, test := range map[string]struct {
		call func(context.Context, *pictor.Client) (any, error)
		step step
		key  string // Idempotency-Key
	}{
		"ListOffers": {func(ctx context.Context, c *pictor.Client) (any, error) {
			return c.ListOffers(ctx, pictor.OfferFilter{
				OS: pictor.Linux, GpuModel: "rtx 4090", GpuCount: 2, MinVramGb: 24, Country: "de",
				MaxPricePerHour: pictor.Credit / 2, Sort: pictor.SortReliabilityDown,
			})
		}, step{want: "GET /api/gpu-instances/offers?os=linux&gpu_model=rtx+4090&gpu_count=2&min_vram_gb=24&country=de&max_price_per_hour=0.5&sort=-reliability&page=1&per_page=100", body: `[` + offer + `]`}, ""},
		"GetOffer": {
			func(ctx context.Context, c *pictor.Client) (any, error) { return c.GetOffer(ctx, "off/1") },
			step{want: "GET /api/gpu-instances/offers/off%2F1", body: offer},
			"",
		},
		"Quote": {func(ctx context.Context, c *pictor.Client) (any, error) {
			return c.Quote(ctx, pictor.QuoteRequest{OfferId: "off_1", Os: pictor.Linux, GpuCount: 1, StorageGb: 50, RentalHours: 24})
		}, step{want: `POST /api/gpu-instances/quote {"gpu_count":1,"offer_id":"off_1","os":"linux","rental_hours":24,"storage_gb":50}`, body: `{"offer_id":"off_1","prepaid_total":"10.08"}`}, ""},
		"ListInstances": {func(ctx context.Context, c *pictor.Client) (any, error) {
			return c.ListInstances(ctx, pictor.InstanceFilter{Name: "trainer", Status: "Running"})
		}, step{want: "GET /api/gpu-instances?name=trainer&page=1&per_page=100", body: `[` + instance + `]`}, ""},
		"GetInstance": {
			func(ctx context.Context, c *pictor.Client) (any, error) { return c.GetInstance(ctx, "ins_1") },
			step{want: "GET /api/gpu-instances/ins_1", body: instance},
			"",
		},
		"CreateInstance": {
			func(ctx context.Context, c *pictor.Client) (any, error) {
				return c.CreateInstance(ctx, spec(), "token-1")
			},
			step{want: `POST /api/gpu-instances {"gpu_count":1,"name":"trainer","offer_id":"off_1","os":"linux","rental_hours":24,"storage_gb":50}`, status: 202, body: instance},
			"token-1",
		},
		"ExtendInstance": {func(ctx context.Context, c *pictor.Client) (any, error) {
			return c.ExtendInstance(ctx, "ins_1", 3, "token-1")
		}, step{want: `POST /api/gpu-instances/ins_1/extend {"hours":3}`, body: instance}, "token-1"},
		"RenameInstance": {
			func(ctx context.Context, c *pictor.Client) (any, error) { return c.RenameInstance(ctx, "ins_1", "b") },
			step{want: `PATCH /api/gpu-instances/ins_1 {"name":"b"}`, body: instance},
			"",
		},
		"StopInstance": {
			func(ctx context.Context, c *pictor.Client) (any, error) { return c.StopInstance(ctx, "ins_1") },
			step{want: "POST /api/gpu-instances/ins_1/stop", body: instance},
			"",
		},
		"StartInstance": {
			func(ctx context.Context, c *pictor.Client) (any, error) { return c.StartInstance(ctx, "ins_1") },
			step{want: "POST /api/gpu-instances/ins_1/start", body: instance},
			"",
		},
		"SetAutoRenew": {
			func(ctx context.Context, c *pictor.Client) (any, error) { return c.SetAutoRenew(ctx, "ins_1", false) },
			step{want: `PUT /api/gpu-instances/ins_1/auto-renew {"enabled":false}`, body: instance},
			"",
		},
		"SetInstanceSshKeys": {func(ctx context.Context, c *pictor.Client) (any, error) {
			return c.SetInstanceSshKeys(ctx, "ins_1", nil)
		}, step{want: `PUT /api/gpu-instances/ins_1/ssh-keys {"ssh_key_ids":[]}`, body: instance}, ""},
		"DeleteInstance": {
			func(ctx context.Context, c *pictor.Client) (any, error) { return nil, c.DeleteInstance(ctx, "ins_1") },
			step{want: "DELETE /api/gpu-instances/ins_1", status: 202, body: instance},
			"",
		},
		"ListSshKeys": {
			func(ctx context.Context, c *pictor.Client) (any, error) { return c.ListSshKeys(ctx) },
			step{want: "GET /api/ssh-keys?page=1&per_page=100", body: `[` + sshKey + `]`},
			"",
		},
		"GetSshKey": {
			func(ctx context.Context, c *pictor.Client) (any, error) { return c.GetSshKey(ctx, "key_1") },
			step{want: "GET /api/ssh-keys/key_1", body: sshKey},
			"",
		},
		"CreateSshKey": {func(ctx context.Context, c *pictor.Client) (any, error) {
			return c.CreateSshKey(ctx, pictor.SshKeyCreate{Name: "laptop", PublicKey: "ssh-ed25519 A"})
		}, step{want: `POST /api/ssh-keys {"name":"laptop","public_key":"ssh-ed25519 A"}`, status: 201, body: sshKey}, ""},
		"RenameSshKey": {
			func(ctx context.Context, c *pictor.Client) (any, error) { return c.RenameSshKey(ctx, "key_1", "b") },
			step{want: `PATCH /api/ssh-keys/key_1 {"name":"b"}`, body: sshKey},
			"",
		},
		"DeleteSshKey": {
			func(ctx context.Context, c *pictor.Client) (any, error) { return nil, c.DeleteSshKey(ctx, "key_1") },
			step{want: "DELETE /api/ssh-keys/key_1", status: 204},
			"",
		},
		"GetAccount": {
			func(ctx context.Context, c *pictor.Client) (any, error) { return c.GetAccount(ctx) },
			step{want: "GET /api/account", body: `{"id":"acc_1","balance":"89.92"}`},
			"",
		},
		"ListTransactions": {func(ctx context.Context, c *pictor.Client) (any, error) {
			return c.ListTransactions(ctx, pictor.TransactionFilter{Type: pictor.TransactionCharge})
		}, step{want: "GET /api/transactions?type=charge&page=1&per_page=100", body: `[{"id":1,"type":"Charge"},{"id":2,"type":"payment"}]`}, ""},
		"GetInvoice": {
			func(ctx context.Context, c *pictor.Client) (any, error) { return c.GetInvoice(ctx, "txn_1") },
			step{want: "GET /api/transactions/txn_1/invoice", body: "Invoice txn_1"},
			"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, test.step)
			got, err := test.call(t.Context(), client(t, s.URL))
			if err != nil {
				t.Fatal(err)
			}
			if sent := s.requests()[0].Header.Get("Idempotency-Key"); sent != test.key {
				t.Errorf("Idempotency-Key: %q, want %q", sent, test.key)
			}
			one := true
			switch got := got.(type) {
			case pictor.Offer:
				one = got.Id == "off_1" && got.PricePerGpuHour == 420_000
			case pictor.Quote:
				one = got.PrepaidTotal.String() == "10.08"
			case pictor.Instance:
				one = got.Id == "ins_1" && got.Name == "trainer" && got.PricePerHour == 420_000
			case pictor.SshKey:
				one = got.Id == "key_1" && got.Fingerprint == "SHA256:abc"
			case pictor.Account:
				one = got.Balance.String() == "89.92"
			case string:
				one = got == "Invoice txn_1"
			case []pictor.Offer:
				one = len(got) == 1
			case []pictor.Instance:
				one = len(got) == 1
			case []pictor.SshKey:
				one = len(got) == 1
			case []pictor.Transaction:
				one = len(got) == 1 && got[0].Id == "1"
			}
			if !one {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestRefusedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	named := func(name string) pictor.InstanceCreate { s := spec(); s.Name = name; return s }
	for name, call := range map[string]func(context.Context, *pictor.Client) error{
		"no id":    func(ctx context.Context, c *pictor.Client) error { return c.DeleteInstance(ctx, "") },
		"a dot":    func(ctx context.Context, c *pictor.Client) error { return c.DeleteSshKey(ctx, ".") },
		"two dots": func(ctx context.Context, c *pictor.Client) error { _, err := c.GetInstance(ctx, ".."); return err },
		"a stop":   func(ctx context.Context, c *pictor.Client) error { _, err := c.StopInstance(ctx, ""); return err },
		"no name": func(ctx context.Context, c *pictor.Client) error {
			_, err := c.CreateInstance(ctx, named(""), "token-1")
			return err
		},
		"a newline": func(ctx context.Context, c *pictor.Client) error {
			_, err := c.CreateInstance(ctx, named("a\nb"), "token-1")
			return err
		},
		"no token for a rental": func(ctx context.Context, c *pictor.Client) error {
			_, err := c.CreateInstance(ctx, spec(), "")
			return err
		},
		"no token for an extension": func(ctx context.Context, c *pictor.Client) error {
			_, err := c.ExtendInstance(ctx, "i", 1, "")
			return err
		},
		"find nothing": func(ctx context.Context, c *pictor.Client) error { _, err := c.FindInstance(ctx, ""); return err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failure(t, call(t.Context(), client(t, serve(t).URL)), pictor.CodeValidation)
		})
	}
}

func TestChangeAcceptedWithoutTheInstanceIsReadBack(t *testing.T) {
	t.Parallel()
	for name, accepted := range map[string]step{
		"204": {status: 204}, "an empty 200": {}, "a message": {status: 202, body: `{"message":"Stopping."}`}, "nothing": {body: "{}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			accepted.want = "POST /api/gpu-instances/ins_1/stop"
			s := serve(t, accepted, step{want: "GET /api/gpu-instances/ins_1", body: instance})
			if got, err := client(t, s.URL).StopInstance(t.Context(), "ins_1"); err != nil || got.Id != "ins_1" {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	for _, accepted := range []step{{status: 204}, {body: `{"id":"key_1"}`}, {body: `{"data":{"id":"key_1","name":"laptop"}}`}} {
		s := serve(t, accepted, step{want: "GET /api/ssh-keys/key_1", body: sshKey})
		got, err := client(t, s.URL).RenameSshKey(t.Context(), "key_1", "laptop")
		if err != nil || got.Id != "key_1" || got.Name != "laptop" || got.Fingerprint != "SHA256:abc" {
			t.Errorf("after %q got %+v, %v", accepted.body, got, err)
		}
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 202, 204} {
		if err := client(t, serve(t, step{status: status}).URL).DeleteInstance(t.Context(), "ins_1"); err != nil {
			t.Errorf("%d: %v", status, err)
		}
	}
	s := serve(t, step{act: hangUp}, step{status: 404, body: `{"message":"Gone.","code":"not_found"}`})
	err := client(t, s.URL).DeleteInstance(t.Context(), "ins_1")
	failure(t, err, pictor.CodeNotFound)
}

func TestEndpointPathIsKept(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"", "/", "/a/b", "/a/b/"} {
		s := serve(t, step{})
		c, err := pictor.New(pictor.Config{Endpoint: s.URL + path, APIKey: key, Transport: ownTransport(t), Clock: newClock()})
		if err != nil {
			t.Fatal(err)
		}
		_ = c.DeleteInstance(t.Context(), "ins_1")
		want := "/gpu-instances/ins_1"
		if len(path) > 1 {
			want = "/a/b" + want
		}
		if got := s.requests()[0].URL.Path; got != want {
			t.Errorf("%q: asked for %s, want %s", path, got, want)
		}
	}
}
