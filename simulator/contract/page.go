package contract

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
)

// FidelityPath is where the operations are listed, for people and, with .json
// behind it or asked for by Accept, for programs.
const FidelityPath = "/fidelity"

//go:embed fidelity.html
var fidelityHTML string

//go:embed fidelity.css
var fidelityCSS []byte

// fidelity is what the page and the JSON show.
type fidelity struct {
	Depths     map[Depth]string `json:"depths"`
	Operations []Operation      `json:"operations"`
}

// Register puts the page at [FidelityPath]. Nothing is counted or rendered before
// somebody asks for it.
func Register(e *echo.Echo) {
	known := sync.OnceValues(known)
	page := sync.OnceValues(func() ([]byte, error) { return render(known) })
	asJSON := func(c echo.Context) error {
		f, err := known()
		if err != nil {
			return err
		}
		return c.JSONPretty(http.StatusOK, f, "  ")
	}
	e.GET(FidelityPath+".json", asJSON)
	e.GET(FidelityPath+".css", func(c echo.Context) error { return c.Blob(http.StatusOK, "text/css; charset=utf-8", fidelityCSS) })
	e.GET(FidelityPath, func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderVary, echo.HeaderAccept)
		if accept := c.Request().Header.Get(echo.HeaderAccept); strings.Contains(accept, "json") && !strings.Contains(accept, "html") {
			return asJSON(c)
		}
		html, err := page()
		if err != nil {
			return err
		}
		c.Response().Header().Set(echo.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		return c.HTMLBlob(http.StatusOK, html)
	})
}

func known() (fidelity, error) {
	spec, err := api.GetSpec()
	if err != nil {
		return fidelity{}, fmt.Errorf("the embedded contract cannot be read: %w", err)
	}
	operations, err := Fidelity(spec)
	if err != nil {
		return fidelity{}, err
	}
	f := fidelity{Depths: map[Depth]string{}, Operations: operations}
	for _, d := range []Depth{Full, Partial, None} {
		f.Depths[d] = d.Meaning()
	}
	return f, nil
}

func render(known func() (fidelity, error)) ([]byte, error) {
	f, err := known()
	if err != nil {
		return nil, err
	}
	t, err := template.New("fidelity").Parse(fidelityHTML)
	if err != nil {
		return nil, err
	}
	var html bytes.Buffer
	err = t.Execute(&html, f)
	return html.Bytes(), err
}
