package engine

import "slices"

// Bill is what instances have cost, by what it was for.
type Bill struct {
	Lines []BillLine
	Total Credits
}

// BillLine sums up the ledger entries of one description, refunds taken off.
type BillLine struct {
	Description string
	Amount      Credits
}

// Bill sums up what instances have cost since the ledger had that many entries;
// 0 is from the beginning. The lines are in the order of their first entry.
func (w *World) Bill(since int) Bill {
	var b Bill
	at := map[string]int{}
	for _, e := range w.ledger.entries[min(max(since, 0), len(w.ledger.entries)):] {
		if e.InstanceID == "" {
			continue
		}
		i, seen := at[e.Description]
		if !seen {
			i = len(b.Lines)
			at[e.Description] = i
			b.Lines = append(b.Lines, BillLine{Description: e.Description})
		}
		b.Lines[i].Amount -= e.Amount
		b.Total -= e.Amount
	}
	return b
}

// Outliving are the instances rented after the first so many rentals that are
// still there and not on their way out: they are being paid for, if only for
// their storage.
func (w *World) Outliving(rentals int64) []Instance {
	return slices.DeleteFunc(w.Instances(func(i *Instance) bool { return i.Ordinal > rentals }), func(i Instance) bool {
		return i.Status == StatusDeleting
	})
}

// Rentals is how many instances were rented so far, also those that are gone.
func (w *World) Rentals() int64 { return w.instances.count }
