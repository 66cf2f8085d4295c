package control

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// getSnapshot answers with the whole sandbox as one document, which a browser
// saves as a file.
func (h handlers) getSnapshot(c echo.Context) error {
	s, err := h.selected(c)
	if err != nil {
		return err
	}
	snapshot := s.Snapshot()
	name := fmt.Sprintf("%s-%s.json", s.ID(), snapshot.World.Head.Now.UTC().Format("20060102T150405Z"))
	c.Response().Header().Set(echo.HeaderContentDisposition, fmt.Sprintf("attachment; filename=%q", name))
	return c.JSON(http.StatusOK, snapshot)
}

// putSnapshot makes the sandbox what a document says. Its API keys stay.
func (h handlers) putSnapshot(c echo.Context) error {
	s, err := h.selected(c)
	if err != nil {
		return err
	}
	document, err := api.ReadBody(c.Request())
	if err != nil {
		return err
	}
	from, err := store.ParseSnapshot(document)
	if err != nil {
		return err
	}
	if err := s.Restore(from); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shownSandbox(s, ""))
}
