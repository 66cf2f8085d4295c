package fault

import (
	"fmt"
	"net"
	"net/http"
)

// Reset breaks the connection off without an answer.
type Reset struct{}

// Answer closes the connection so that the client sees it reset.
func (Reset) Answer(w http.ResponseWriter, _ Answer) error {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return fmt.Errorf("cannot take the connection over to reset it: %w", err)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // without it the client would see an orderly end
	}
	return conn.Close()
}
