package journal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/journal"
)

const key = "pictor_sim_THEKEYITSELF"

// all is every byte that a journal has.
func all(t *testing.T, j *journal.Journal) string {
	t.Helper()
	var out strings.Builder
	for _, e := range j.Entries(func(*journal.Entry) bool { return true }) {
		header, err := json.Marshal(e.Header)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%d %s %s?%s %s %s\n%d %s %s\n", e.Number, e.Method, e.Path, e.Query, header, e.Body.Data, e.Status, e.RequestID, e.Answer.Data)
	}
	return out.String()
}

func numbers(entries []*journal.Entry) (list []int64) {
	for _, e := range entries {
		list = append(list, e.Number)
	}
	return list
}

func TestSecretsAreNotKept(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ body, want string }{
		"a field":             {`{"name":"a", "password" : "HUNTER2","os":"windows"}`, `{"name":"a", "password" : "[redacted]","os":"windows"}`},
		"at any depth":        {`{"a":[{"b":{"secret":"HUNTER2"}},1],"c":{"api_key":"HUNTER2"},"d":2}`, `{"a":[{"b":{"secret":"[redacted]"}},1],"c":{"api_key":"[redacted]"},"d":2}`},
		"in another case":     {`{"PassWord":"HUNTER2"}`, `{"PassWord":"[redacted]"}`},
		"in a longer name":    {`{"Windows_Password":"HUNTER2"}`, `{"Windows_Password":"[redacted]"}`},
		"with an escape":      {`{"p\u0061ssword":"HUNTER2","n":1}`, `{"p\u0061ssword":"[redacted]","n":1}`},
		"with a long s":       {`{"paſſword":"HUNTER2"}`, `{"paſſword":"[redacted]"}`},
		"whatever it is":      {`{"password":["HUNTER2"],"secret":{"x":"HUNTER2"},"api_key":7,"n":null}`, `{"password":"[redacted]","secret":"[redacted]","api_key":"[redacted]","n":null}`},
		"twice":               {`{"password":"HUNTER2","password":"HUNTER2"}`, `{"password":"[redacted]","password":"[redacted]"}`},
		"in a second value":   {`{} {"password":"HUNTER2"}`, `{} {"password":"[redacted]"}`},
		"cut":                 {`{"name":"a","password":"HUNTER2 and no e`, `{"name":"a","password":[redacted]`},
		"broken off":          {`{"a":1,"password":"HUNTER2",oops "b":"HUNTER2"`, `{"a":1,"password":"[redacted]",[redacted]`},
		"unquoted":            {`{password: "HUNTER2"}`, `{[redacted]`},
		"a form":              {`name=a&password=HUNTER2`, `[redacted]`},
		"an escaped form":     {`name=a&p%61ssword=HUNTER2`, `[redacted]`},
		"an innocent form":    {`name=a%20b&os=linux`, `name=a%20b&os=linux`},
		"with an escaped ſ":   {`{"pas\u017fword":"HUNTER2"}`, `{"pas\u017fword":"[redacted]"}`},
		"the key itself":      {`{"name":"` + key + `"}`, `{"name":"[redacted]"}`},
		"a value like it":     {`{"name":"password","n":{"x":["secret","kept"]}}`, `{"name":"password","n":{"x":["secret","kept"]}}`},
		"no secret, no JSON":  {`plainly wrong`, `plainly wrong`},
		"beyond ASCII":        {`{"name":"São Paulo"} `, `{"name":"São Paulo"} `},
		"beyond ASCII, a cut": {`{"name":"São Pau`, `{"name":[redacted]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := journal.New(0, nil)
			j.Add(&journal.Entry{Body: journal.Body{Data: []byte(tc.body)}}, key)
			got := string(j.Entries(func(*journal.Entry) bool { return true })[0].Body.Data)
			if kept := all(t, j); got != tc.want || strings.Contains(kept, "HUNTER2") || strings.Contains(kept, key) {
				t.Errorf("kept as %s, want %s", got, tc.want)
			}
		})
	}
}

func TestSecretsOutsideOfBodies(t *testing.T) {
	t.Parallel()
	j := journal.New(0, nil)
	sent := http.Header{
		"Authorization": {"Bearer " + key}, "X-Api-Key": {key}, "Cookie": {"session=HUNTER2"}, "Proxy-Authorization": {"Basic HUNTER2"}, "X-Sim-Key": {"HUNTER2"},
		"X-Odd": {"fine", "with " + key}, "Idempotency-Key": {"stays"},
	}
	j.Add(&journal.Entry{
		Path: "/api/" + key, Query: "page=2&api_key=HUNTER2&p%61ssword=HUNTER2&k=" + key, Header: sent,
		Answer: journal.Body{Data: []byte(`{"password":"HUNTER2","errors":{"password":["is too short"]},"message":"` + key + `"}`)},
	}, key)
	kept := all(t, j)
	for _, want := range []string{"stays", "fine", "with [redacted]", "page=2", "is too short"} {
		if !strings.Contains(kept, want) {
			t.Errorf("%q is not in %s", want, kept)
		}
	}
	if strings.Contains(kept, "HUNTER2") || strings.Contains(kept, key) {
		t.Errorf("a secret is in %s", kept)
	}
	if sent.Get("Authorization") != "Bearer "+key || sent["X-Odd"][1] != "with "+key {
		t.Errorf("the request itself was changed: %v", sent)
	}
}

// A key as long as what stands in its place is one nevertheless.
func TestAKeyThatAnAnswerRepeatsIsNotKept(t *testing.T) {
	t.Parallel()
	short := "abcdefgh12"
	if len(short) != len(journal.Redacted) {
		t.Fatalf("%q has not the length of %q", short, journal.Redacted)
	}
	j := journal.New(0, nil)
	body := journal.Body{Data: []byte(`{"name":"` + short + `"}`)}
	j.Add(&journal.Entry{Status: 201, Body: body, Answer: body}, short)
	if kept := all(t, j); strings.Contains(kept, short) {
		t.Errorf("it is in %s", kept)
	}
}

// However a client spells its key, nothing of it is kept, and the rest is as it was.
func TestAKeyIsFoundHoweverItIsSpelled(t *testing.T) {
	t.Parallel()
	const awkward = `a/b+c=="\<d>%41` // what JSON, queries, or both escape
	everywhere := func(key string) (all string) {
		for _, c := range []byte(key) {
			all += fmt.Sprintf("%%%02x", c)
		}
		return all
	}
	for _, tc := range []struct{ key, text, want string }{
		{key, key + "&" + key + key, "[redacted]&[redacted][redacted]"},
		{key, "k=pictor%5Fsim%5fTHEKEYITSELF&page=2", "k=[redacted]&page=2"},
		{key, "k=" + everywhere(key) + "%20x", "k=[redacted]%20x"},
		{key, "k=pictor%255Fsim_THEKEYITSELF", "k=[redacted]"},
		{key, "https://a.example/?k=pictor%5Fsim_THEKEYITSELF#top", "https://a.example/?k=[redacted]#top"},
		{key, `{"note":"my \"pictor\u005fsim_THEKEYITSEL\u0046\"","n":1}`, `{"note":"my \"[redacted]\"","n":1}`},
		{key, `{"note":"{\"k\":\"pictor\\u005fsim_THEKEYITSELF\"}"}`, `{"note":"{\"k\":\"[redacted]\"}"}`},
		{key, "body=%7B%22k%22%3A%22pictor%5Cu005Fsim_THEKEYITSELF%22%7D", "body=%7B%22k%22%3A%22[redacted]%22%7D"},
		{awkward, `"` + awkward + `"`, `"[redacted]"`},
		{awkward, `{"a":"a\/b+c==\"\\\u003cd\u003E%41","b":"a/b+c==\"\\<d>%41"}`, `{"a":"[redacted]","b":"[redacted]"}`},
		{awkward, "https://a.example/?k=a%2Fb%2Bc%3d%3D%22%5C%3Cd%3E%2541&p=a%2Fb", "https://a.example/?k=[redacted]&p=a%2Fb"},
		{"12345678\\", `{"a":"12345678\\\\","b":1}`, `{"a":"[redacted]","b":1}`},
		{key, `100%25 of a\b, pictor%5Fsim%5FTHEKEYITSEL, \u003c`, `100%25 of a\b, pictor%5Fsim%5FTHEKEYITSEL, \u003c`},
	} {
		j := journal.New(0, nil)
		body := journal.Body{Data: []byte(tc.text)}
		j.Add(&journal.Entry{Method: tc.text, Path: tc.text, Query: tc.text, Header: http.Header{"Referer": {"x", tc.text}}, Body: body, Status: 200, Answer: body, RequestID: tc.text}, tc.key)
		e := j.Entries(func(*journal.Entry) bool { return true })[0]
		for place, got := range map[string]string{
			"method": e.Method, "path": e.Path, "query": e.Query, "header": e.Header["Referer"][1], "body": string(e.Body.Data), "answer": string(e.Answer.Data), "request id": e.RequestID,
		} {
			if got != tc.want {
				t.Errorf("in the %s %s is kept as %s, want %s", place, tc.text, got, tc.want)
			}
		}
	}
	j := journal.New(0, nil)
	j.Add(&journal.Entry{Header: http.Header{http.CanonicalHeaderKey(key): {"x"}}}, key)
	if kept := all(t, j); strings.Contains(strings.ToLower(kept), strings.ToLower(key)) {
		t.Errorf("the name of a header is kept in %s", kept)
	}
}

// Where a text is cut within the key, the beginning of the key is not kept, either.
func TestAKeyAcrossACutIsNotKept(t *testing.T) {
	t.Parallel()
	escaped := strings.NewReplacer("_", "%5F", "E", "%45").Replace(key)
	inJSON := strings.NewReplacer("_", `\u005f`, "E", `\u0045`).Replace(key)
	cut := func(spelled string, limit, shown int) string {
		return strings.Repeat("-", limit-shown) + spelled + "----"
	}
	const line = 4 << 10
	for _, spelled := range []string{key, escaped, inJSON, strings.ReplaceAll(escaped, "%", "%25")} {
		for shown := 1; shown < len(spelled); shown++ {
			long, body := cut(spelled, line, shown), cut(spelled, journal.MaxBody, shown)[:journal.MaxBody]
			j := journal.New(0, nil)
			j.Add(&journal.Entry{
				Path: long, Query: "k=" + long[2:], Header: http.Header{"X": {long[1:]}}, Status: 200,
				Body: journal.Body{Data: []byte(body), Cut: true}, Answer: journal.Body{Data: []byte(body), Cut: true},
			}, key)
			if kept := all(t, j); strings.Count(kept, journal.Redacted) != 5 || strings.Contains(kept, "-p") {
				t.Errorf("cut at %s there is kept %s", spelled[:shown], strings.ReplaceAll(kept, "--", ""))
			}
		}
	}
	j := journal.New(0, nil)
	j.Add(&journal.Entry{Query: "q=shop", Body: journal.Body{Data: []byte("a shop")}}, key)
	if kept := all(t, j); strings.Contains(kept, journal.Redacted) {
		t.Errorf("what was not cut is kept as %s", kept)
	}
}

func TestItIsBounded(t *testing.T) {
	t.Parallel()
	j := journal.New(3, nil)
	for range 7 {
		j.Add(&journal.Entry{}, "")
	}
	entries := j.Entries(func(*journal.Entry) bool { return true })
	if got := fmt.Sprint(numbers(entries)); got != "[5 6 7]" {
		t.Errorf("it keeps %s, want the last three", got)
	}
	j.Clear()
	j.Add(&journal.Entry{}, "")
	if got := fmt.Sprint(numbers(j.Entries(func(*journal.Entry) bool { return true }))); got != "[8]" {
		t.Errorf("cleared it keeps %s, want the next number only", got)
	}

	large := journal.New(100_000, nil)
	body := journal.Body{Data: bytes.Repeat([]byte("x"), journal.MaxBody)}
	header := http.Header{"X": {strings.Repeat("y", 1<<20)}}
	for range 5000 {
		large.Add(&journal.Entry{Body: body, Answer: body, Header: header}, "")
	}
	entries = large.Entries(func(*journal.Entry) bool { return true })
	if n := len(entries); n < 100 || n > 1000 || entries[n-1].Number != 5000 {
		t.Errorf("of large requests it keeps %d", n)
	}
}

func TestSubscribers(t *testing.T) {
	t.Parallel()
	j := journal.New(3, nil)
	for range 5 {
		j.Add(&journal.Entry{}, "")
	}
	resumed, fresh, slow := j.Subscribe(3), j.Subscribe(journal.Newest), j.Subscribe(0)
	defer resumed.Close()
	defer slow.Close()
	if fmt.Sprint(numbers(resumed.Missed), numbers(fresh.Missed), numbers(slow.Missed)) != "[4 5] [] [3 4 5]" {
		t.Errorf("missed are %v, %v, %v", numbers(resumed.Missed), numbers(fresh.Missed), numbers(slow.Missed))
	}
	for n := int64(6); n < 1000; n++ { // more than a reader may be behind
		j.Add(&journal.Entry{}, "")
		if e := <-resumed.Entries; e.Number != n {
			t.Fatalf("told of %d, want %d", e.Number, n)
		}
		if n == 10 {
			fresh.Close()
			fresh.Close()
		}
	}
	read := 0
	for range slow.Entries { // ends, as the slow one was dropped
		read++
	}
	if read == 0 || read > 300 {
		t.Errorf("a slow reader was handed %d entries before it was dropped", read)
	}
	j.Close()
	if _, open := <-resumed.Entries; open {
		t.Error("a closed journal goes on")
	}
	if _, open := <-j.Subscribe(0).Entries; open {
		t.Error("a closed journal takes subscribers")
	}
	j.Add(&journal.Entry{}, "") // is for nobody
}

func TestConcurrency(t *testing.T) {
	t.Parallel()
	j := journal.New(50, nil)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 200 {
				j.Add(&journal.Entry{Body: journal.Body{Data: []byte(`{"secret":"x"}`)}}, "")
			}
		})
		group.Go(func() {
			for range 50 {
				s := j.Subscribe(0)
				j.Entries(func(e *journal.Entry) bool { return len(e.Body.Data) > 0 })
				s.Close()
			}
		})
	}
	group.Wait()
	if entries := j.Entries(func(*journal.Entry) bool { return true }); len(entries) != 50 || entries[49].Number != 1600 {
		t.Errorf("there are %d entries", len(entries))
	}
}

// What the journal costs a request, besides copying what was answered.
func BenchmarkAdd(b *testing.B) {
	header := http.Header{
		"Authorization": {"Bearer " + key}, "Accept": {"application/json"}, "User-Agent": {"pulumi-pictor/1.0"},
		"Content-Type": {"application/json"}, "Content-Length": {"200"}, "Accept-Encoding": {"gzip"}, "Idempotency-Key": {"4c1f"},
	}
	object := `{"id":"ins_1","name":"trainer","status":"running","page":"a=1\u0026b=2","price_per_hour":"1.2","host":{"city":"Falkenstein","country":"DE"},"ssh_key_ids":[]}`
	for name, tc := range map[string]struct{ body, answer string }{
		"read":     {"", object},
		"list":     {"", "[" + strings.Repeat(object+",", 50) + "{}]"},
		"create":   {`{"name":"trainer","offer_id":"off_7f3a2c1b","os":"linux","gpu_count":1,"storage_gb":10,"rental_hours":10}`, object},
		"password": {`{"name":"trainer","offer_id":"off_7f3a2c1b","os":"windows","gpu_count":1,"storage_gb":10,"rental_hours":10,"password":"Correct-Horse-42"}`, object},
	} {
		b.Run(name, func(b *testing.B) {
			j := journal.New(0, nil)
			e := journal.Entry{Path: "/api/gpu-instances/ins_1", Header: header, Body: journal.Body{Data: []byte(tc.body)}, Status: 200, Answer: journal.Body{Data: []byte(tc.answer)}}
			b.ReportAllocs()
			for b.Loop() {
				one := e
				j.Add(&one, key)
			}
		})
	}
}

// Many journals together stay within what they share; each keeps its newest entry.
func TestManyShareABudget(t *testing.T) {
	t.Parallel()
	budget := &journal.Budget{Bytes: 64 << 10}
	journals := make([]*journal.Journal, 20)
	kept := func() (entries, bodies int) {
		for _, j := range journals {
			all := j.Entries(func(*journal.Entry) bool { return true })
			for _, e := range all {
				bodies += len(e.Body.Data)
			}
			entries += len(all)
		}
		return entries, bodies
	}
	for i := range journals {
		journals[i] = journal.New(0, budget)
	}
	for range 50 {
		for _, j := range journals {
			j.Add(&journal.Entry{Body: journal.Body{Data: make([]byte, 1000)}}, "")
		}
	}
	if entries, bodies := kept(); entries < len(journals) || bodies > 64<<10 {
		t.Errorf("%d journals keep %d entries with %d bytes of bodies", len(journals), entries, bodies)
	}
	for _, j := range journals[1:] {
		j.Close()
	}
	for range 50 {
		journals[0].Add(&journal.Entry{Body: journal.Body{Data: make([]byte, 1000)}}, "")
	}
	if entries, _ := kept(); entries < 30 {
		t.Errorf("what the others gave back is not used: %d entries", entries)
	}
}
