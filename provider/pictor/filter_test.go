package pictor_test

import (
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

func TestFindInstance(t *testing.T) {
	t.Parallel()
	two := `{"id":"ins_1","name":"trainer"},{"id":"ins_2","name":"Trainer"}`
	for name, test := range map[string]struct {
		body string
		want pictor.ID
		code pictor.Code
	}{
		"found":                        {`[{"id":"ins_1","name":"trainer"}]`, "ins_1", ""},
		"the filter is ignored":        {`[` + two + `]`, "ins_1", ""},
		"none":                         {`{"data":[]}`, "", ""},
		"none, the filter is ignored":  {`[{"id":"ins_2","name":"trainer-2"}]`, "", ""},
		"several":                      {`[` + two + `,{"id":"ins_3","name":"trainer"}]`, "", pictor.CodeDuplicate},
		"the list cannot be read":      {`{"data":null}`, "", pictor.CodeUnavailable},
		"the same one twice on a page": {`[` + two + `,` + two + `]`, "ins_1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, step{want: "GET /api/gpu-instances?name=trainer&page=1&per_page=100", body: test.body})
			got, err := client(t, s.URL).FindInstance(t.Context(), "trainer")
			if test.code != "" {
				failure(t, err, test.code)
				return
			}
			if err != nil || (got == nil) != (test.want == "") || got != nil && got.Id != test.want {
				t.Errorf("got %v, %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestOfferFilterHoldsWhenItIsIgnored(t *testing.T) {
	t.Parallel()
	const market = `[
		{"id":"a","gpu_model":"RTX 4090","gpu_vram_gb":24,"gpus_available":4,"host":{"country":"DE"},"os":["linux","windows"],"price_per_gpu_hour":"0.42"},
		{"id":"b","gpu_model":"RTX 3090","gpu_vram_gb":20,"gpus_available":1,"host":{"country":"US"},"os":["Linux"],"price_per_gpu_hour":0.2}]`
	for name, test := range map[string]struct {
		filter pictor.OfferFilter
		want   string
	}{
		"everything": {pictor.OfferFilter{}, "ab"},
		"os":         {pictor.OfferFilter{OS: pictor.Windows}, "a"},
		"os in caps": {pictor.OfferFilter{OS: "linux"}, "ab"},
		"model":      {pictor.OfferFilter{GpuModel: "rtx 3090"}, "b"},
		"count":      {pictor.OfferFilter{GpuCount: 2}, "a"},
		"vram":       {pictor.OfferFilter{MinVramGb: 24}, "a"},
		"country":    {pictor.OfferFilter{Country: "us"}, "b"},
		"price":      {pictor.OfferFilter{MaxPricePerHour: 200_000}, "b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, step{body: market})
			offers, err := client(t, s.URL).ListOffers(t.Context(), test.filter)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, o := range offers {
				got += string(o.Id)
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
