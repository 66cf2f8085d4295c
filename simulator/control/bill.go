package control

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// Bill is what was rented in a sandbox and what it has cost.
type Bill struct {
	Items   []BillItem   `json:"items"`
	Total   wire.Credits `json:"total"`
	Balance wire.Credits `json:"balance"`
	// StillRented are the machines that have not been deleted.
	StillRented []Rented `json:"still_rented"`
}

// BillItem is what one thing has cost, refunds taken off.
type BillItem struct {
	Description string       `json:"description"`
	Cost        wire.Credits `json:"cost"`
}

// Rented is a machine that is still there.
type Rented struct {
	ID           string        `json:"id"`
	Name         string        `json:"name"`
	Status       engine.Status `json:"status"`
	PricePerHour wire.Credits  `json:"price_per_hour"`
}

// BillOf adds the ledger of a world up, by what was paid for.
func BillOf(w *engine.World) Bill {
	bill := Bill{Items: []BillItem{}, StillRented: []Rented{}, Balance: wire.Credits(w.Balance())}
	sum := w.Bill(0)
	bill.Total = wire.Credits(sum.Total)
	for _, line := range sum.Lines {
		bill.Items = append(bill.Items, BillItem{line.Description, wire.Credits(line.Amount)})
	}
	for _, i := range w.Instances(func(*engine.Instance) bool { return true }) {
		bill.StillRented = append(bill.StillRented, Rented{i.ID, i.Name, i.Status, wire.Credits(i.PricePerHour)})
	}
	return bill
}

func (h handlers) getBill(c echo.Context) error {
	s, err := h.selected(c)
	if err != nil {
		return err
	}
	var bill Bill
	s.View(func(w *engine.World) { bill = BillOf(w) })
	return c.JSON(http.StatusOK, bill)
}
