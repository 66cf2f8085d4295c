package audit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/audit"
	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Programs rely on every name and on every list being there.
func TestTheReportForPrograms(t *testing.T) {
	t.Parallel()
	stack, err := audit.Read(strings.NewReader(export))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		report audit.Report
		want   string
	}{
		"nothing": {audit.Report{}, `{
  "unclaimed": [],
  "pending": [],
  "missing": [],
  "foreign": []
}
`},
		"one": {audit.Compare("acc_1", []pictor.Instance{
			{Id: "ins_a", Name: "a-0000001"},
			{Id: "ins_old", Name: "b-0000001"},
			{Id: "ins_new", Name: "b-0000002"},
			{
				Id: "ins_a2", Name: "a-0000002", Status: "RUNNING", PricePerHour: 420_000, CostSoFar: 10_080_000,
				CreatedAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
			},
		}, stack), `{
  "unclaimed": [
    {
      "id": "ins_a2",
      "name": "a-0000002",
      "status": "running",
      "pricePerHour": "0.42",
      "costSoFar": "10.08",
      "createdAt": "2026-01-01T00:00:00Z",
      "pendingUrn": "urn:pulumi:s::p::pictor:index:Instance::a",
      "replaced": true,
      "import": [
        "pulumi import pictor:index:Instance 'a-0000002' ins_a2 --protect=false --generate-code=false --yes",
        "pulumi refresh --clear-pending-creates --yes"
      ],
      "delete": "pulumi stack export | audit --delete ins_a2"
    }
  ],
  "pending": [
    {
      "urn": "urn:pulumi:s::p::pictor:index:Instance::e",
      "id": "",
      "name": "e-0000001",
      "account": ""
    },
    {
      "urn": "urn:pulumi:s::p::pictor:index:Instance::f",
      "id": "",
      "name": "f-0000001",
      "account": ""
    }
  ],
  "missing": [
    {
      "urn": "urn:pulumi:s::p::pictor:index:Instance::c",
      "id": "ins_c",
      "name": "c-0000001",
      "account": "acc_1"
    }
  ],
  "foreign": [
    {
      "urn": "urn:pulumi:s::p::pictor:index:Instance::d",
      "id": "ins_d",
      "name": "d",
      "account": "acc_2"
    }
  ]
}
`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			if err := c.report.PrintJSON(&out, "pulumi stack export | audit --delete"); err != nil {
				t.Fatal(err)
			}
			if out.String() != c.want {
				t.Errorf("the report is\n%s\nnot\n%s", out.String(), c.want)
			}
		})
	}
}
