package pictor_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// keys gives SSH keys as JSON, by number.
func keys(from, to int) string {
	var all []string
	for n := from; n <= to; n++ {
		all = append(all, fmt.Sprintf(`{"id":%d,"name":"k%d"}`, n, n))
	}
	return "[" + strings.Join(all, ",") + "]"
}

func paged(data string, current, last, total int) string {
	return fmt.Sprintf(`{"data":%s,"links":{"first":"?","last":"?","prev":null,"next":null},"meta":{"current_page":%d,"last_page":%d,"per_page":2,"total":%d}}`, data, current, last, total)
}

func TestPages(t *testing.T) {
	t.Parallel()
	page := func(n int) string { return fmt.Sprintf("GET /api/ssh-keys?page=%d&per_page=100", n) }
	for name, test := range map[string]struct {
		steps []step
		want  int
	}{
		"one page":               {[]step{{want: page(1), body: paged(keys(1, 2), 1, 1, 2)}}, 2},
		"three pages":            {[]step{{want: page(1), body: paged(keys(1, 2), 1, 3, 5)}, {want: page(2), body: paged(keys(3, 4), 2, 3, 5)}, {want: page(3), body: paged(keys(5, 5), 3, 3, 5)}}, 5},
		"none":                   {[]step{{body: paged("[]", 1, 1, 0)}}, 0},
		"a bare array":           {[]step{{body: keys(1, 3)}}, 3},
		"a bare array, full":     {[]step{{body: keys(1, 100)}, {want: page(2), body: keys(101, 103)}}, 103},
		"a bare array, unpaged":  {[]step{{body: keys(1, 100)}, {want: page(2), body: keys(1, 100)}}, 100},
		"the usual page size":    {[]step{{body: keys(1, 15)}, {want: page(2), body: keys(16, 17)}}, 17},
		"data alone":             {[]step{{body: `{"data":` + keys(1, 3) + `}`}}, 3},
		"links alone":            {[]step{{body: `{"data":` + keys(1, 2) + `,"links":{"next":"x?page=2"}}`}, {want: page(2), body: `{"data":` + keys(3, 3) + `,"links":{"next":null}}`}}, 3},
		"Laravel's paginator":    {[]step{{body: `{"current_page":1,"data":` + keys(1, 2) + `,"last_page":2,"total":"3","links":[{"url":null}]}`}, {want: page(2), body: `{"current_page":2,"data":` + keys(3, 3) + `,"last_page":2,"total":"3"}`}}, 3},
		"Laravel's simple one":   {[]step{{body: `{"data":` + keys(1, 2) + `,"next_page_url":"x?page=2"}`}, {want: page(2), body: `{"data":` + keys(3, 3) + `,"next_page_url":null}`}}, 3},
		"data in data":           {[]step{{body: `{"data":` + paged(keys(1, 2), 1, 1, 2) + `}`}}, 2},
		"grown while it is read": {[]step{{body: paged(keys(2, 3), 1, 2, 3)}, {body: paged(keys(3, 4), 2, 2, 4)}, {body: paged(keys(1, 2), 1, 2, 4)}, {body: paged(keys(3, 4), 2, 2, 4)}}, 4},
		// Key 1 is deleted after the first page, so that 3 moves to it.
		"shrunk while it is read": {[]step{{body: paged(keys(1, 2), 1, 2, 4)}, {body: paged(keys(4, 4), 2, 2, 3)}, {body: paged(keys(2, 3), 1, 2, 3)}, {body: paged(keys(4, 4), 2, 2, 3)}}, 3},
		// The total stays, but a page is shorter than it should be.
		"moved while it is read": {[]step{{body: paged(keys(1, 2), 1, 2, 4)}, {body: paged(keys(4, 4), 2, 2, 4)}, {body: paged(keys(2, 3), 1, 2, 4)}, {body: paged(keys(4, 5), 2, 2, 4)}}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, test.steps...)
			got, err := client(t, s.URL).ListSshKeys(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			seen := map[pictor.ID]bool{}
			for _, k := range got {
				seen[k.Id] = true
			}
			if len(got) != test.want || len(seen) != test.want {
				t.Errorf("%d keys, %d different ones, want %d", len(got), len(seen), test.want)
			}
		})
	}
}

func TestListsThatAreNotLists(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"null": "null", "null data": `{"data":null}`, "no data": `{"message":"hello"}`,
		"an object as data": `{"data":{"id":"key_1"}}`, "an entry without id": `[{"name":"a"}]`,
		"a string": `"x"`, "a bad entry": `[{"id":"1","name":7}]`, "another page": paged("[]", 2, 2, 0),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, step{body: body})
			_, err := client(t, s.URL).ListSshKeys(t.Context())
			failure(t, err, pictor.CodeUnavailable)
		})
	}
}

func TestListThatNeverSettles(t *testing.T) {
	t.Parallel()
	var steps []step
	for n := range 4 {
		steps = append(steps, step{body: paged(keys(1, 2), 1, 2, 4+n)}, step{body: paged(keys(3, 3), 2, 2, 3+n)})
	}
	s := serve(t, steps...)
	_, err := client(t, s.URL).ListSshKeys(t.Context())
	if e := failure(t, err, pictor.CodeUnavailable); !strings.Contains(e.Error(), "kept changing") {
		t.Errorf("says %q", e)
	}
	// What exists is not decided by the market: it is taken as it comes.
	s = serve(t, steps[:2]...)
	if offers, err := client(t, s.URL).ListOffers(t.Context(), pictor.OfferFilter{}); err != nil || len(offers) != 3 {
		t.Errorf("%d offers, %v", len(offers), err)
	}
}

func TestListThatNeverEnds(t *testing.T) {
	t.Parallel()
	steps := make([]step, 1000)
	for n := range steps {
		steps[n].body = fmt.Sprintf(`{"data":%s,"links":{"next":"x"}}`, keys(n, n))
	}
	s := serve(t, steps...)
	_, err := client(t, s.URL).ListSshKeys(t.Context())
	failure(t, err, pictor.CodeUnavailable)
}
