package control

import (
	"bytes"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
)

func (h handlers) listFaults(c echo.Context) error {
	sandbox, err := h.selected(c)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, sandbox.Faults.List())
}

func (h handlers) getFault(c echo.Context) error {
	sandbox, err := h.selected(c)
	if err != nil {
		return err
	}
	report, err := sandbox.Faults.Get(c.Param("id"))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, report)
}

// addFaults takes a plan, or an array of plans, and answers in kind. Either all
// are added or none.
func (h handlers) addFaults(c echo.Context) error {
	sandbox, err := h.selected(c)
	if err != nil {
		return err
	}
	body, err := readBody(c)
	if err != nil {
		return err
	}
	plans, err := fault.ParsePlans(body)
	if err != nil && !errors.As(err, new(*engine.Error)) {
		return echo.NewHTTPError(http.StatusBadRequest, "The body "+err.Error()+".")
	} else if err != nil {
		return err
	}
	added := make([]fault.Report, len(plans))
	err = sandbox.UpdateFaults(func(f *fault.Set) error {
		for i, plan := range plans {
			planned, err := f.Add(plan)
			if err != nil {
				return err
			}
			added[i] = planned.Report()
		}
		return nil
	})
	if err != nil {
		return err
	}
	if bytes.HasPrefix(body, []byte("[")) {
		return c.JSON(http.StatusCreated, added)
	}
	return c.JSON(http.StatusCreated, added[0])
}

func (h handlers) removeFault(c echo.Context) error {
	sandbox, err := h.selected(c)
	if err != nil {
		return err
	}
	var removed fault.Report
	err = sandbox.UpdateFaults(func(f *fault.Set) (err error) {
		removed, err = f.Remove(c.Param("id"))
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, removed)
}

// clearFaults removes every plan and answers what they were.
func (h handlers) clearFaults(c echo.Context) error {
	return h.changeAll(c, (*fault.Set).Clear)
}

// resetFaults sets every count to zero.
func (h handlers) resetFaults(c echo.Context) error {
	return h.changeAll(c, (*fault.Set).Reset)
}

func (h handlers) changeAll(c echo.Context, change func(*fault.Set) []fault.Report) error {
	sandbox, err := h.selected(c)
	if err != nil {
		return err
	}
	var reports []fault.Report
	err = sandbox.UpdateFaults(func(f *fault.Set) error {
		reports = change(f)
		return nil
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, reports)
}
