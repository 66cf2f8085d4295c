package control

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// Ledger is every change of a sandbox's balance, oldest first.
type Ledger struct {
	Balance wire.Credits `json:"balance"`
	Entries []Entry      `json:"entries"`
}

// Entry is one change of the balance.
type Entry struct {
	ID           string           `json:"id"`
	At           time.Time        `json:"at"`
	Type         engine.EntryType `json:"type"`
	Amount       wire.Credits     `json:"amount"` // below zero for a charge
	BalanceAfter wire.Credits     `json:"balance_after"`
	InstanceID   string           `json:"instance_id,omitempty"`
	Description  string           `json:"description"`
}

func shownEntry(w *engine.World, e engine.Entry) Entry {
	return Entry{
		ID: w.EntryID(e), At: e.At, Type: e.Type, Amount: wire.Credits(e.Amount), BalanceAfter: wire.Credits(e.BalanceAfter),
		InstanceID: e.InstanceID, Description: e.Description,
	}
}

func (h handlers) getLedger(c echo.Context) error {
	s, err := h.selected(c)
	if err != nil {
		return err
	}
	ledger := Ledger{Entries: []Entry{}}
	s.View(func(w *engine.World) {
		ledger.Balance = wire.Credits(w.Balance())
		for _, e := range w.Ledger() {
			ledger.Entries = append(ledger.Entries, shownEntry(w, e))
		}
	})
	return c.JSON(http.StatusOK, ledger)
}

// addCredits tops the account up.
func (h handlers) addCredits(c echo.Context) error {
	s, err := h.selected(c)
	if err != nil {
		return err
	}
	f, err := readFields(c)
	if err != nil {
		return err
	}
	var amount wire.Credits
	description := "top-up"
	if f.read("amount", &amount); amount <= 0 && len(f.bad) == 0 {
		f.refuse("amount", "must be above 0, such as \"25\"")
	}
	f.read("description", &description)
	if err := f.err(); err != nil {
		return err
	}
	var made Entry
	err = s.Update(func(w *engine.World) error {
		if engine.Credits(amount) > engine.MaxBalance-max(w.Balance(), 0) {
			return engine.Fields{"amount": {"is more than an account can hold: " + wire.Credits(engine.MaxBalance).String()}}.Err()
		}
		w.Deposit(engine.Credits(amount), description)
		ledger := w.Ledger()
		made = shownEntry(w, ledger[len(ledger)-1])
		return nil
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, made)
}
