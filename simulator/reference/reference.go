// Package reference is the API reference: an interactive page, as Pictor has
// one, and the contract as JSON and YAML. The page is Swagger UI with everything
// it needs embedded, so it works offline, and what is tried out on it reaches
// this simulator and nothing else.
package reference

import (
	"net/http"
	"path"
	"sync"

	"github.com/labstack/echo/v4"
	"github.com/swaggest/swgui/v5emb"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/api"
)

// Where the reference is.
const (
	PagePath = api.DocumentationPath + "/gpu-instances"
	JSONPath = api.DocumentationPath + "/openapi.json"
	YAMLPath = api.DocumentationPath + "/openapi.yaml"
)

// Register puts the reference below [api.DocumentationPath]. Nothing is rendered
// before somebody asks for it.
func Register(e *echo.Echo) {
	ui := v5emb.NewHandlerWithConfig(settings())
	page := sync.OnceValues(func() (page, error) { return render(ui) })
	documents := sync.OnceValues(serve)

	e.GET(api.DocumentationPath, func(c echo.Context) error { return c.Redirect(http.StatusFound, PagePath) })
	e.GET(PagePath, func(c echo.Context) error {
		page, err := page()
		if err != nil {
			return err
		}
		protect(c, page.policy)
		return c.HTMLBlob(http.StatusOK, page.html)
	})
	e.GET(path.Join(PagePath, ":asset"), func(c echo.Context) error {
		protect(c, "default-src 'none'")
		ui.ServeHTTP(c.Response(), c.Request())
		return nil
	})
	e.GET(JSONPath, func(c echo.Context) error {
		documents, err := documents()
		if err != nil {
			return err
		}
		return c.JSONBlob(http.StatusOK, documents.json)
	})
	e.GET(YAMLPath, func(c echo.Context) error {
		documents, err := documents()
		if err != nil {
			return err
		}
		return c.Blob(http.StatusOK, "application/yaml", documents.yaml)
	})
}

// protect tells the browser what an answer may do.
func protect(c echo.Context, policy string) {
	h := c.Response().Header()
	h.Set(echo.HeaderContentSecurityPolicy, policy)
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	h.Set(echo.HeaderReferrerPolicy, "no-referrer")
}
