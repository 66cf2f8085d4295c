package control

import (
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// Sandbox is a sandbox as the control API shows it.
type Sandbox struct {
	ID string `json:"id"`
	// APIKey is a key to it, shown once, by the request that makes the sandbox.
	APIKey string `json:"api_key,omitempty"`
	// Now is the sandbox's time.
	Now       time.Time    `json:"now"`
	Balance   wire.Credits `json:"balance"`
	Instances int          `json:"instances"`
	Settings
}

func (h handlers) listSandboxes(c echo.Context) error {
	all := []Sandbox{}
	for _, s := range h.store.All() {
		all = append(all, shownSandbox(s, ""))
	}
	return c.JSON(http.StatusOK, all)
}

func (h handlers) getSandbox(c echo.Context) error {
	s, err := h.store.ByID(c.Param("id"))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shownSandbox(s, ""))
}

func (h handlers) createSandbox(c echo.Context) error {
	f, err := readFields(c)
	if err != nil {
		return err
	}
	var from store.Snapshot
	var settings store.Settings
	document, restored := f.take("snapshot")
	key := readKey(f)
	if restored {
		if from, err = store.ParseSnapshot(document); err != nil {
			return err
		}
		f.read("name", &settings.Name)
		for name := range f.raw {
			f.refuse(name, "is in the snapshot: leave it out")
			f.take(name)
		}
	} else {
		settings = readSettings(f)
	}
	checkName(f, settings.Name)
	if err := f.err(); err != nil {
		return err
	}
	var made *store.Sandbox
	var secret string
	if restored {
		made, secret, err = h.store.Restore(from, settings.Name, key)
	} else {
		made, secret, err = h.store.Create(settings, key)
	}
	if err != nil {
		return keyRefused(err)
	}
	return c.JSON(http.StatusCreated, shownSandbox(made, secret))
}

func (h handlers) deleteSandbox(c echo.Context) error {
	if err := h.store.Delete(c.Param("id")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (h handlers) resetSandbox(c echo.Context) error {
	s, err := h.store.ByID(c.Param("id"))
	if err != nil {
		return err
	}
	if err := s.Reset(); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shownSandbox(s, ""))
}

func (h handlers) forkSandbox(c echo.Context) error {
	s, err := h.store.ByID(c.Param("id"))
	if err != nil {
		return err
	}
	f, err := readFields(c)
	if err != nil {
		return err
	}
	var name string
	f.read("name", &name)
	checkName(f, name)
	key := readKey(f)
	if err := f.err(); err != nil {
		return err
	}
	made, secret, err := s.Fork(name, key)
	if err != nil {
		return keyRefused(err)
	}
	return c.JSON(http.StatusCreated, shownSandbox(made, secret))
}

func shownSandbox(s *store.Sandbox, secret string) Sandbox {
	out := Sandbox{ID: s.ID(), APIKey: secret, Settings: SettingsOf(s.Settings())}
	s.View(func(w *engine.World) {
		out.Now, out.Balance = w.Now(), wire.Credits(w.Balance())
		out.Instances = w.ListInstances(engine.InstanceFilter{}, 0, 0, nil)
	})
	return out
}

func checkName(f *fields, name string) {
	if utf8.RuneCountInString(name) > 63 || strings.ContainsFunc(name, unicode.IsControl) {
		f.refuse("name", "must have at most 63 characters, none of which is a control character")
	}
}

// readKey takes the secret of a first API key; empty means that one is drawn.
func readKey(f *fields) (secret string) {
	if f.read("api_key", &secret) {
		if err := engine.CheckSecret(secret); err != nil {
			f.refuse("api_key", "%s", err)
		}
	}
	return secret
}

// keyRefused speaks of the API key as the request does.
func keyRefused(err error) error {
	if e := (*engine.Error)(nil); errors.As(err, &e) && len(e.Fields["secret"]) > 0 {
		return &engine.Error{Code: e.Code, Message: e.Message, Fields: engine.Fields{"api_key": e.Fields["secret"]}}
	}
	return err
}
