package tests

import (
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// The only way out is a proxy, and what answers has a certificate of its own.
func TestAMachineThroughAProxyWithACertificateOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, variable := range []string{"PICTOR_CA_FILE", "SSL_CERT_FILE"} {
		t.Run(variable, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			simulator, err := url.Parse(p.sim.URL)
			if err != nil {
				t.Fatal(err)
			}
			// The certificate of httptest is that of example.com.
			service := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(simulator))
			service.Config.ErrorLog = log.New(io.Discard, "", 0)
			service.StartTLS()
			t.Cleanup(service.Close)
			ca := filepath.Join(p.dir, "ca.pem")
			if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: service.Certificate().Raw}), 0o600); err != nil {
				t.Fatal(err)
			}
			var tunnels atomic.Int32
			proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodConnect || r.Host != "example.com:443" {
					http.Error(w, "not through here", http.StatusForbidden)
					return
				}
				tunnels.Add(1)
				there, err := net.Dial("tcp", service.Listener.Addr().String())
				if err != nil {
					t.Error(err)
					return
				}
				here, _, err := w.(http.Hijacker).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
				go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
				go func() { _, _ = io.Copy(here, there); _ = here.Close() }()
			}))
			t.Cleanup(proxy.Close)
			p.env = append(p.env, "PICTOR_ENDPOINT=https://example.com/api", "HTTPS_PROXY="+proxy.URL, "NO_PROXY=127.0.0.1,localhost")
			p.program("resources:\n  trainer: {type: pictor:Instance, properties: {gpuModel: RTX 4090, rentalHours: 1}}\n")
			p.pulumi("stack", "init", "e2e")
			if out, err := p.try("preview"); err == nil || !strings.Contains(out, "PICTOR_CA_FILE") {
				t.Errorf("what to do about the certificate is not said: %v\n%s", err, out)
			}
			p.env = append(p.env, variable+"="+ca)
			p.pulumi("up", "--yes", "--skip-preview")
			only(t, p.sim)
			p.pulumi("destroy", "--yes", "--skip-preview")
			if tunnels.Load() == 0 {
				t.Error("nothing went through the proxy")
			}
		})
	}
}
