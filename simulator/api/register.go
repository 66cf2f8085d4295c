package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/machine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// BasePath is where the API begins, as in Pictor's own address.
const BasePath = "/api"

// DocumentationPath is the one branch below BasePath that is not the API: its
// reference, for which nobody needs a key.
const DocumentationPath = BasePath + "/documentation"

// maxBody is the longest request body that is read, as echo spells 1 MiB.
const maxBody = "1MiB"

// Config is what the API needs.
type Config struct {
	Store *store.Store
	// Wall is the wall clock, in which the rate limits of the sandboxes count and
	// the time that requests take.
	Wall func() time.Time
	// CheckAnswers, if any, has every answer validated against the contract, too.
	// It is told of one that does not fit, which becomes a 500; meant for tests.
	CheckAnswers func(misfit error)
	// Ending ends when the simulator begins to shut down; nil means never.
	Ending context.Context
	// Late is read-locked while a request whose client has gone is still to be
	// carried out, so that whoever locks it waits for that; nil means nobody does.
	Late *sync.RWMutex
	// Admitted, if any, is told which sandbox's client a request is from, once that is
	// known. It may change the request, which is the handlers' own.
	Admitted func(r *http.Request, sandbox string)
	// Machines are those that can be logged in to; nil means none.
	Machines *machine.Machines
	// Around is what all requests of the server go through, also those that are not
	// for the API, and before them.
	Around []echo.MiddlewareFunc
}

// handlers carries out the operations of the contract.
type handlers struct{}

var _ StrictServerInterface = handlers{}

// Register puts the API below BasePath. Every request below it, also one for
// which there is no route, goes through the chain in this order.
func Register(e *echo.Echo, cfg Config) error {
	contract, err := embedded()
	if err != nil {
		return fmt.Errorf("the embedded contract cannot be used: %w", err)
	}
	if cfg.Ending == nil {
		cfg.Ending = context.Background()
	}
	if cfg.Late == nil {
		cfg.Late = new(sync.RWMutex)
	}
	if cfg.Admitted == nil {
		cfg.Admitted = func(*http.Request, string) {}
	}
	limiter := newLimiter(cfg.Wall)
	chain := []echo.MiddlewareFunc{
		authenticate(cfg.Store, cfg.Machines, cfg.Admitted),
		keepJournal(cfg.Wall),
		contract.selectOperation,
		speakRefusals,
		middleware.BodyLimit(maxBody),
		spoiler{cfg.Ending, cfg.Late, limiter}.spoil,
		speak,
		limiter.limit,
	}
	if cfg.CheckAnswers != nil {
		chain = append(chain, contract.checkAnswer(cfg.CheckAnswers))
	}
	chain = append(chain, contract.checkRequest)

	Use(e, append(slices.Clone(cfg.Around), below(BasePath, chain))...)
	e.JSONSerializer = decoder{}
	RegisterHandlersWithBaseURL(e, NewStrictHandler(handlers{}, nil), BasePath)
	return nil
}

// below applies a chain to the paths below a prefix only, the reference left out.
// A group of echo would do the same, but its catch-all route turns every 405 into
// a 404.
func below(prefix string, chain []echo.MiddlewareFunc) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		applied := apply(chain, next)
		return func(c echo.Context) error {
			if path := c.Request().URL.Path; isBelow(path, prefix) && !isBelow(path, DocumentationPath) {
				return applied(c)
			}
			return next(c)
		}
	}
}

// Use lets all requests of a server go through middlewares, the first one first. They
// are put together once; echo's own Use does it anew for every request.
func Use(e *echo.Echo, middlewares ...echo.MiddlewareFunc) {
	applied := apply(middlewares, func(c echo.Context) error { return c.Handler()(c) })
	e.Use(func(echo.HandlerFunc) echo.HandlerFunc { return applied })
}

func apply(middlewares []echo.MiddlewareFunc, handler echo.HandlerFunc) echo.HandlerFunc {
	for _, m := range slices.Backward(middlewares) {
		handler = m(handler)
	}
	return handler
}

func isBelow(path, prefix string) bool { return path == prefix || strings.HasPrefix(path, prefix+"/") }
