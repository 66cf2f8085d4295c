package fault

import (
	"fmt"
	"net"
	"net/http"
)

// Reset breaks the connection off without an answer.
type Reset struct{}

func (Reset) kind() string { return "reset" }

// Answer closes the connection so that the client sees it reset.
func (Reset) Answer(w http.ResponseWriter, _ Answer) error {
	conn, err := takeOver(w)
	if err != nil {
		return err
	}
	if tcp, ok := conn.(interface{ SetLinger(int) error }); ok {
		_ = tcp.SetLinger(0) // without it the client would see an orderly end
	}
	return conn.Close()
}

// takeOver gets hold of the connection that a response would go to.
func takeOver(w http.ResponseWriter) (net.Conn, error) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, fmt.Errorf("cannot take the connection over to break it off: %w", err)
	}
	return conn, nil
}
