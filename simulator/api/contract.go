package api

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
)

// contract holds every request, and on demand every answer, against the
// embedded OpenAPI document. Its routes are looked up by what echo matched
// already, so that no second router runs.
type contract struct {
	routes  map[endpoint]*routers.Route
	options *openapi3filter.Options
	// bodyOptions are for operations with a body, into which no defaults are to
	// be written: it would have to be made anew for them.
	bodyOptions *openapi3filter.Options
	glances     map[*openapi3.Operation]glance
}

// endpoint is where an operation is, in echo's spelling.
type endpoint struct{ method, path string }

// embedded is the contract, read once for all simulators of a process: it takes
// longer than all else that a start does, and nobody changes it.
var embedded = sync.OnceValues(loadContract)

func loadContract() (*contract, error) {
	spec, err := GetSpec()
	if err != nil {
		return nil, err
	}
	c := &contract{
		routes:  map[endpoint]*routers.Route{},
		glances: map[*openapi3.Operation]glance{},
		options: &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true},
	}
	bodyOptions := *c.options
	bodyOptions.SkipSettingDefaults = true
	c.bodyOptions = &bodyOptions
	spec.Security = nil // authenticate has seen to it
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			op.Security = nil
			c.glances[op] = newGlance(item, op)
			c.routes[endpoint{method, BasePath + echoPath(path)}] = &routers.Route{Spec: spec, Path: path, PathItem: item, Method: method, Operation: op}
		}
	}
	return c, nil
}

var pathParameter = regexp.MustCompile(`\{(\w+)\}`)

// echoPath spells a path of the contract as echo does: {id} is :id.
func echoPath(path string) string { return pathParameter.ReplaceAllString(path, ":$1") }

// selectOperation finds the contract's operation; for unknown paths and methods
// it is nil and echo's refusal comes later.
func (k *contract) selectOperation(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		callOf(c).route = k.routes[endpoint{c.Request().Method, c.Path()}]
		return next(c)
	}
}

func (k *contract) input(c echo.Context) *openapi3filter.RequestValidationInput {
	params := make(map[string]string, len(c.ParamNames()))
	for i, name := range c.ParamNames() {
		params[name] = c.ParamValues()[i]
	}
	options := k.options
	if routeOf(c).Operation.RequestBody != nil {
		options = k.bodyOptions
	}
	return &openapi3filter.RequestValidationInput{
		Request: c.Request(), PathParams: params, Route: routeOf(c), Options: options,
	}
}

// checkRequest answers 422 with every bad field, as far as the contract can
// tell, and 400 for a body that is no JSON.
func (k *contract) checkRequest(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if routeOf(c) == nil || k.passes(c) {
			return next(c)
		}
		err := openapi3filter.ValidateRequest(c.Request().Context(), k.input(c))
		if err == nil {
			return next(c)
		}
		var limit *echo.HTTPError
		if errors.As(err, &limit) {
			return limit // the body was too long
		}
		fields := engine.Fields{}
		if !collect(fields, err) {
			return refuse(http.StatusBadRequest, "bad_request", "The request cannot be read: "+firstLine(err))
		}
		addDomainFaults(c, fields)
		return invalid(fields)
	}
}

// collect notes what a validation error says of each field. It is false when
// the request could not even be read.
func collect(fields engine.Fields, err error) bool {
	switch e := err.(type) { // not errors.As, which would see only the first of several
	case openapi3.MultiError:
		readable := true
		for _, one := range e {
			readable = collect(fields, one) && readable
		}
		return readable
	case *openapi3filter.RequestError:
		if e.Parameter != nil {
			fields.Add(e.Parameter.Name, "%s", reason(e))
			return true
		}
		return collect(fields, e.Err)
	case *openapi3.SchemaError:
		field := strings.Join(e.JSONPointer(), ".")
		if field == "" {
			field = "body"
		}
		fields.Add(field, "%s", e.Reason)
		return true
	default:
		return false
	}
}

// reason is what is wrong with a parameter.
func reason(err *openapi3filter.RequestError) string {
	var schema *openapi3.SchemaError
	switch {
	case errors.As(err.Err, &schema):
		return schema.Reason
	case err.Err != nil:
		return firstLine(err.Err)
	default:
		return err.Reason
	}
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// checkAnswer turns an answer that does not fit the contract into a 500, and
// tells of it.
func (k *contract) checkAnswer(tell func(misfit error)) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if routeOf(c) == nil {
				return next(c)
			}
			answer, err := record(c, next)
			if err != nil {
				return err
			}
			if err := k.fits(c, answer); err != nil {
				err = fmt.Errorf("%s %s (%s) was to be answered %d, which does not fit the contract: %w",
					c.Request().Method, c.Request().URL.Path, routeOf(c).Operation.OperationID, answer.Status, err)
				tell(err)
				return err
			}
			return replay(c, answer)
		}
	}
}

func (k *contract) fits(c echo.Context, answer fault.Answer) error {
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: k.input(c), Status: answer.Status, Header: answer.Header, Options: k.options,
	}
	input.SetBodyBytes(answer.Body)
	err := openapi3filter.ValidateResponse(c.Request().Context(), input)
	if err == nil {
		return nil
	}
	fields, response := engine.Fields{}, (*openapi3filter.ResponseError)(nil)
	if errors.As(err, &response) && response.Err != nil && collect(fields, response.Err) {
		return errors.New(fields.String())
	}
	return errors.New(firstLine(err))
}
