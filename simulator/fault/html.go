package fault

import (
	"fmt"
	"net/http"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// HTML answers with an error page, as a proxy in front of the service does.
type HTML struct {
	Code int `json:"code"` // 0 means 502
}

func (HTML) kind() string { return "html" }

func (h HTML) check(bad engine.Fields) { checkStatus(bad, h.status()) }

func (h HTML) status() int {
	if h.Code == 0 {
		return http.StatusBadGateway
	}
	return h.Code
}

// Answer writes the page.
func (h HTML) Answer(w http.ResponseWriter, _ Answer) error {
	title := fmt.Sprintf("%d %s", h.status(), http.StatusText(h.status()))
	return send(w, h.status(), "text/html; charset=utf-8",
		"<!DOCTYPE html>\n<html><head><title>"+title+"</title></head><body><h1>"+title+"</h1><p>proxy</p></body></html>\n")
}
