package wire_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
)

func TestCreditsAreExact(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]wire.Credits{
		"0": 0, "7": 7_000_000, "10.08": 10_080_000, "0.2": 200_000, "-0.000001": -1, "1.500000": 1_500_000, "0.1000000": 100_000,
		"9000000000000": 9_000_000_000_000_000_000,
	} {
		if got, err := wire.ParseCredits(text); err != nil || got != want {
			t.Errorf("%q is %d micro-credits, not %d (%v)", text, got, want, err)
		}
	}
	for _, text := range []string{"", "-", ".", "1.", ".5", "1e3", "1,5", " 1", "0.0000001", "99999999999999", "NaN", "+1", "--1"} {
		if got, err := wire.ParseCredits(text); err == nil {
			t.Errorf("%q is taken for %s", text, got)
		}
	}
}

func TestCreditsSurviveTheJourney(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := wire.Credits(rapid.Int64Range(-9_000_000_000_000_000_000, 9_000_000_000_000_000_000).Draw(t, "credits"))
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var back wire.Credits
		if err := json.Unmarshal(text, &back); err != nil || back != c {
			t.Fatalf("%d became %d by way of %s (%v)", c, back, text, err)
		}
	})
}

// Whatever way there is to write one: most ids are read in a shorter way.
func TestAnIDIsReadLikeAString(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`"ins_k3v9x2m4q7ab"`, `""`, `"a b"`, `"\u0041\\\"\n"`, `"é"`, "\"\xff\"", "\"\x7f\"", `" x "`,
		`"`, `"a`, `a"`, `"a"b"`, `"\"`, "\"\n\"", `"\q"`, "",
	} {
		var id wire.ID
		var want string
		err, wantErr := id.UnmarshalJSON([]byte(text)), json.Unmarshal([]byte(text), &want)
		if string(id) != want || (err == nil) != (wantErr == nil) {
			t.Errorf("%s is read as %q (%v), as a string %q (%v)", text, id, err, want, wantErr)
		}
	}
}

func TestNumbersAreReadToo(t *testing.T) {
	t.Parallel()
	var got struct {
		ID    wire.ID      `json:"id"`
		Price wire.Credits `json:"price"`
		None  wire.Credits `json:"none"`
	}
	if err := json.Unmarshal([]byte(`{"id": 12345678901234567890, "price": 0.30, "none": null}`), &got); err != nil {
		t.Fatal(err)
	}
	if got.ID != "12345678901234567890" || got.Price != 300_000 || got.None != 0 {
		t.Errorf("read %+v", got)
	}
	for _, bad := range []string{`{"id": {}}`, `{"id": true}`, `{"price": "much"}`, `{"price": []}`} {
		if err := json.Unmarshal([]byte(bad), &got); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}
