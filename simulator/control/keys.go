package control

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// Key is an API key as the control API shows it.
type Key struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Hint      string     `json:"hint"` // the secret's last four characters
	CreatedAt time.Time  `json:"created_at"`
	RevokedAt *time.Time `json:"revoked_at"`
	// Secret is shown once, by the request that makes the key.
	Secret string `json:"secret,omitempty"`
}

// NewKey is what is needed to make an API key.
type NewKey struct {
	Name string `json:"name"`
	// Secret is drawn at random when it is empty.
	Secret string `json:"secret,omitempty"`
}

func (h handlers) listKeys(c echo.Context) error {
	sandbox, err := h.selected(c)
	if err != nil {
		return err
	}
	keys := []Key{}
	sandbox.View(func(w *engine.World) {
		for _, k := range w.APIKeys() {
			keys = append(keys, shown(k, ""))
		}
	})
	return c.JSON(http.StatusOK, keys)
}

func (h handlers) createKey(c echo.Context) error {
	sandbox, err := h.selected(c)
	if err != nil {
		return err
	}
	f, err := readFields(c)
	if err != nil {
		return err
	}
	var asked NewKey
	f.read("name", &asked.Name)
	f.read("secret", &asked.Secret)
	if err := f.err(); err != nil {
		return err
	}
	key, secret, err := sandbox.CreateKey(asked.Name, asked.Secret)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, shown(key, secret))
}

func (h handlers) revokeKey(c echo.Context) error {
	sandbox, err := h.selected(c)
	if err != nil {
		return err
	}
	key, err := sandbox.RevokeKey(c.Param("id"))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shown(key, ""))
}

func shown(k engine.APIKey, secret string) Key {
	out := Key{ID: k.ID, Name: k.Name, Hint: k.Hint, CreatedAt: k.CreatedAt, Secret: secret}
	if !k.RevokedAt.IsZero() {
		out.RevokedAt = &k.RevokedAt
	}
	return out
}
