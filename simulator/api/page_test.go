package api_test

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// Following the links visits every entry once.
func TestPages(t *testing.T) {
	t.Parallel()
	c := newCaller(t, simtest.Hosts(40))
	seen := map[wire.ID]bool{}
	path, pages := "/gpu-instances/offers?per_page=7&sort=-price", 0
	last := wire.Credits(math.MaxInt64)
	for path != "" {
		page := into[wire.OfferPage](c.call("GET", path, nil).is(200))
		pages++
		if page.Meta.CurrentPage != pages || page.Meta.LastPage != 6 || page.Meta.PerPage != 7 || page.Meta.Total != 40 {
			t.Fatalf("page %d says %+v", pages, page.Meta)
		}
		if (page.Links.Prev == nil) != (pages == 1) {
			t.Errorf("page %d has the neighbour %v", pages, page.Links.Prev)
		}
		for _, o := range page.Data {
			if seen[o.Id] || o.PricePerGpuHour > last {
				t.Errorf("%s at %s comes twice or after one at %s", o.Id, o.PricePerGpuHour, last)
			}
			seen[o.Id], last = true, o.PricePerGpuHour
		}
		path = ""
		if page.Links.Next != nil {
			next, err := url.Parse(*page.Links.Next)
			if err != nil || next.Query().Get("sort") != "-price" {
				t.Fatalf("the link %s loses the query (%v)", *page.Links.Next, err)
			}
			path = strings.TrimPrefix(*page.Links.Next, "/api")
		}
	}
	if len(seen) != 40 || pages != 6 {
		t.Errorf("%d offers on %d pages, want 40 on 6", len(seen), pages)
	}
}

func TestAPageHas15EntriesUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	if page := into[wire.OfferPage](c.call("GET", "/gpu-instances/offers", nil).is(200)); len(page.Data) != 15 || page.Meta.Total < 200 {
		t.Errorf("it has %d of %d", len(page.Data), page.Meta.Total)
	}
	empty := into[wire.InstancePage](c.call("GET", "/gpu-instances", nil).is(200))
	if empty.Data == nil || len(empty.Data) != 0 || empty.Meta.LastPage != 1 || empty.Links.Next != nil {
		t.Errorf("the empty list is %+v, want [] on one page", empty)
	}
}

func TestPagesBeyondTheLastAreEmpty(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	for _, list := range []string{"/gpu-instances/offers", "/gpu-instances", "/ssh-keys", "/transactions"} {
		for _, page := range []int{1000, math.MaxInt32, math.MaxInt64/15 + 2, math.MaxInt64 - 1, math.MaxInt64} {
			for _, size := range []int{1, 2, 15, 100} {
				path := fmt.Sprintf("%s?page=%d&per_page=%d", list, page, size)
				got := into[wire.OfferPage](c.call("GET", path, nil).is(200))
				if len(got.Data) != 0 || got.Meta.CurrentPage != page || got.Links.Next != nil || got.Links.Prev == nil {
					t.Errorf("%s: %d entries, %+v", path, len(got.Data), got.Meta)
				}
			}
		}
	}
}

func TestOfferFilters(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	for query, fits := range map[string]func(wire.Offer) bool{
		"os=windows":                 func(o wire.Offer) bool { return slices.Contains(o.Os, wire.OSWindows) },
		"gpu_model=rtx%204090":       func(o wire.Offer) bool { return o.GpuModel == "RTX 4090" },
		"gpu_count=8":                func(o wire.Offer) bool { return o.GpusAvailable >= 8 },
		"min_vram_gb=80":             func(o wire.Offer) bool { return o.GpuVramGb >= 80 },
		"country=de":                 func(o wire.Offer) bool { return o.Host.Country == "DE" },
		"max_price_per_hour=0.5":     func(o wire.Offer) bool { return o.PricePerGpuHour <= wire.Credit/2 },
		"gpu_model=H200&gpu_count=4": func(o wire.Offer) bool { return o.GpuModel == "H200" && o.GpusAvailable >= 4 },
	} {
		page := into[wire.OfferPage](c.call("GET", "/gpu-instances/offers?per_page=100&"+query, nil).is(200))
		all := into[wire.OfferPage](c.call("GET", "/gpu-instances/offers?per_page=100", nil).is(200))
		if page.Meta.Total == 0 || page.Meta.Total >= all.Meta.Total {
			t.Errorf("%s finds %d of %d", query, page.Meta.Total, all.Meta.Total)
		}
		for _, o := range page.Data {
			if !fits(o) {
				t.Errorf("%s finds %+v", query, o)
			}
		}
	}
	for _, query := range []string{"min_vram_gb=9223372036854775807", "gpu_model=nothing", "max_price_per_hour=0", "country=XX"} {
		if page := into[wire.OfferPage](c.call("GET", "/gpu-instances/offers?"+query, nil).is(200)); page.Meta.Total != 0 {
			t.Errorf("%s finds %d", query, page.Meta.Total)
		}
	}
}

func TestOfferOrder(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	key := map[string]func(wire.Offer) float64{
		"price":       func(o wire.Offer) float64 { return float64(o.PricePerGpuHour) },
		"reliability": func(o wire.Offer) float64 { return o.Host.Reliability },
		"vram":        func(o wire.Offer) float64 { return float64(o.GpuVramGb) },
	}
	for name, of := range key {
		up := into[wire.OfferPage](c.call("GET", "/gpu-instances/offers?per_page=100&sort="+name, nil).is(200)).Data
		down := into[wire.OfferPage](c.call("GET", "/gpu-instances/offers?per_page=100&sort=-"+name, nil).is(200)).Data
		for i := range len(up) - 1 {
			if of(up[i]) > of(up[i+1]) || of(down[i]) < of(down[i+1]) {
				t.Errorf("sorted by %s, %s and %s are out of order", name, up[i].Id, up[i+1].Id)
			}
		}
	}
	unsorted := into[wire.OfferPage](c.call("GET", "/gpu-instances/offers", nil).is(200)).Data
	byPrice := into[wire.OfferPage](c.call("GET", "/gpu-instances/offers?sort=price", nil).is(200)).Data
	if unsorted[0].Id != byPrice[0].Id || unsorted[14].Id != byPrice[14].Id {
		t.Error("unsorted is not cheapest first")
	}
}
