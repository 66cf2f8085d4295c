package api

import (
	"math"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/shape"
)

// glance is what it takes to see quickly that a request fits the contract. Most
// do; the others are looked at in full, which costs more and says what is wrong.
type glance struct {
	// longestID is how many bytes every identifier in the path may have.
	longestID int
	// headers are parameters in headers.
	headers openapi3.Parameters
	// body is what the JSON body is like; nil for operations without one.
	body *shape.Shape
	// demanding says that there is more to look at than a glance does.
	demanding bool
}

func newGlance(item *openapi3.PathItem, op *openapi3.Operation) glance {
	g := glance{longestID: math.MaxInt}
	for _, p := range append(slices.Clone(item.Parameters), op.Parameters...) {
		schema := p.Value.Schema.Value
		bounded := schema.Type.Is("string") && schema.MaxLength != nil && schema.Pattern == "" && schema.Enum == nil && schema.Format == ""
		switch {
		case p.Value.In == openapi3.ParameterInQuery && !p.Value.Required: // a query is never only glanced at
		case p.Value.In == openapi3.ParameterInPath && bounded:
			g.longestID = min(g.longestID, int(*schema.MaxLength))
		case p.Value.In == openapi3.ParameterInHeader && bounded && !p.Value.Required:
			g.headers = append(g.headers, p)
		default:
			g.demanding = true
		}
	}
	if op.RequestBody != nil {
		media := op.RequestBody.Value.Content.Get(echo.MIMEApplicationJSON)
		seen := false
		if media != nil {
			g.body, seen = shape.Of(media.Schema.Value)
		}
		g.demanding = g.demanding || !seen
	}
	return g
}

// passes says that a request fits the contract for sure.
func (k *contract) passes(c echo.Context) bool {
	r, g := c.Request(), k.glances[routeOf(c).Operation]
	if g.demanding || r.URL.RawQuery != "" {
		return false
	}
	for _, value := range c.ParamValues() {
		if len(value) > g.longestID {
			return false
		}
	}
	for _, p := range g.headers {
		schema := p.Value.Schema.Value
		for _, value := range r.Header.Values(p.Value.Name) {
			if n := uint64(len(value)); n < schema.MinLength || n > *schema.MaxLength {
				return false
			}
		}
	}
	return g.body == nil || r.Header.Get(echo.HeaderContentType) == echo.MIMEApplicationJSON && g.body.Fits(callOf(c).body)
}
