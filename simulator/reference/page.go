package reference

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"

	"github.com/swaggest/swgui"
	"github.com/swaggest/swgui/v5emb"
)

func settings() swgui.Config {
	return swgui.Config{
		Title:       "Pictor GPU Renting, simulated",
		SwaggerJSON: JSONPath,
		BasePath:    PagePath,
		SettingsUI: map[string]string{
			"persistAuthorization":     "true", // a reload keeps the key, which is worth nothing
			"tryItOutEnabled":          "true",
			"displayRequestDuration":   "true",
			"defaultModelsExpandDepth": "0", // the schemas are there, folded
		},
	}
}

// page is the reference's HTML with the policy that lets just that HTML work.
type page struct {
	html   []byte
	policy string
}

func render(ui *v5emb.Handler) (page, error) {
	answer := httptest.NewRecorder()
	ui.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, PagePath, nil))
	html := answer.Body.Bytes()
	scripts, styles := inline(html, "script"), inline(html, "style")
	if len(scripts) == 0 {
		return page{}, errors.New("the reference page cannot be used: it has no script that starts it")
	}
	return page{html: html, policy: strings.Join([]string{
		"default-src 'none'",
		"script-src 'self' " + strings.Join(scripts, " "),
		"style-src 'self' " + strings.Join(styles, " "),
		"img-src 'self' data:", // the style sheet brings its symbols along
		"connect-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	}, "; ")}, nil
}

// inline has the hash, as a policy spells it, of each element that is in the
// page itself.
func inline(html []byte, element string) (hashes []string) {
	for _, match := range regexp.MustCompile(`(?s)<`+element+`>(.*?)</`+element+`>`).FindAllSubmatch(html, -1) {
		sum := sha256.Sum256(match[1])
		hashes = append(hashes, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	return hashes
}
