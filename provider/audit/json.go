package audit

import (
	"encoding/json"
	"io"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// document is a report for programs. A list that has nothing is [], never null;
// money is a decimal string of credits.
type document struct {
	Unclaimed []machineJSON `json:"unclaimed"` // Report.Unclaimed
	Pending   []claimJSON   `json:"pending"`   // Report.Open
	Missing   []claimJSON   `json:"missing"`   // Report.Missing
	Foreign   []claimJSON   `json:"foreign"`   // Report.Foreign
}

type machineJSON struct {
	ID           string         `json:"id"`
	Name         string         `json:"name"`
	Status       string         `json:"status"`
	PricePerHour pictor.Credits `json:"pricePerHour"`
	CostSoFar    pictor.Credits `json:"costSoFar"`
	CreatedAt    time.Time      `json:"createdAt"`
	// PendingURN is the resource that a run was about to create it for; "" if
	// none was.
	PendingURN string `json:"pendingUrn"`
	// Replaced says that this resource has another machine by now.
	Replaced bool `json:"replaced"`
	// Import are the commands that take it over, in their order; Delete is the one
	// that ends it.
	Import []string `json:"import"`
	Delete string   `json:"delete"`
}

type claimJSON struct {
	URN     string `json:"urn"`
	ID      string `json:"id"`   // "" while it is not known
	Name    string `json:"name"` // "" if the state keeps it secret
	Account string `json:"account"`
}

// PrintJSON writes the report for a program, as an object with the lists
// unclaimed, pending, missing and foreign. The delete command is what ends a
// machine, up to its id.
func (r Report) PrintJSON(out io.Writer, deleteCommand string) error {
	doc := document{Unclaimed: []machineJSON{}, Pending: claimsJSON(r.Open), Missing: claimsJSON(r.Missing), Foreign: claimsJSON(r.Foreign)}
	for _, m := range r.Unclaimed {
		machine := machineJSON{
			ID: string(m.Id), Name: m.Name, Status: string(pictor.NormalStatus(m.Status)),
			PricePerHour: m.PricePerHour, CostSoFar: m.CostSoFar, CreatedAt: m.CreatedAt,
			Replaced: m.Taken, Import: []string{m.Import()}, Delete: deleteCommand + " " + string(m.Id),
		}
		if m.Pending != nil {
			machine.PendingURN = string(m.Pending.URN)
			machine.Import = append(machine.Import, settle)
		}
		doc.Unclaimed = append(doc.Unclaimed, machine)
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false) // commands are to be read
	encoder.SetIndent("", "  ")
	return encoder.Encode(doc)
}

func claimsJSON(claims []Claim) []claimJSON {
	list := []claimJSON{}
	for _, c := range claims {
		list = append(list, claimJSON{URN: string(c.URN), ID: c.ID, Name: c.Name, Account: c.Account})
	}
	return list
}
