package pictor_test

import (
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// secure is a service with a certificate that no system trusts, and the PEM
// file of it.
func secure(t *testing.T) (server *httptest.Server, caFile string) {
	t.Helper()
	server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, instance) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(caFile, block, 0o600); err != nil {
		t.Fatal(err)
	}
	return server, caFile
}

func TestACertificateOfOnesOwn(t *testing.T) {
	t.Parallel()
	server, caFile := secure(t)
	read := func(change func(*pictor.Config)) error {
		_, err := client(t, server.URL, change).GetInstance(t.Context(), "ins_1")
		return err
	}
	e := failure(t, read(func(*pictor.Config) {}), pictor.CodeUnavailable)
	for _, says := range []string{"certificate signed by unknown authority", "caFile", "PICTOR_CA_FILE"} {
		if !strings.Contains(e.Error(), says) {
			t.Errorf("does not say %q: %s", says, e)
		}
	}
	if err := read(func(c *pictor.Config) { c.CAFile = caFile }); err != nil {
		t.Error(err)
	}
	err := read(func(c *pictor.Config) {
		c.CAFile = caFile
		c.Endpoint = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	})
	if e := failure(t, err, pictor.CodeUnavailable); !strings.Contains(e.Error(), "another host's") {
		t.Errorf("says %s", e)
	}
}

func TestWhatDoesNotSpeakHTTPSIsNamed(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	_, err := client(t, strings.Replace(plain.URL, "http:", "https:", 1)).GetInstance(t.Context(), "ins_1")
	if e := failure(t, err, pictor.CodeUnavailable); !strings.Contains(e.Error(), "does not speak https") {
		t.Errorf("says %s", e)
	}
}

func TestAFileWithoutCertificatesIsRefused(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, says := range map[string]string{empty: "BEGIN CERTIFICATE", empty + ".no": "cannot be read"} {
		_, err := pictor.New(pictor.Config{APIKey: key, CAFile: file})
		if e := failure(t, err, pictor.CodeValidation); !strings.Contains(e.Error(), says) || !strings.Contains(e.Error(), "PICTOR_CA_FILE") {
			t.Errorf("says %s", e)
		}
	}
}

// A proxy sees where the request goes, and nothing of it.
func TestARequestGoesThroughAProxy(t *testing.T) {
	t.Parallel()
	server, caFile := secure(t)
	var tunnels atomic.Int32
	refuses := false
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refuses || r.Method != http.MethodConnect {
			http.Error(w, "who are you?", http.StatusProxyAuthRequired)
			return
		}
		tunnels.Add(1)
		tunnel(t, w, r.Host)
	}))
	t.Cleanup(proxy.Close)
	through := &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return url.Parse(proxy.URL) }}
	t.Cleanup(through.CloseIdleConnections)
	c := client(t, server.URL, func(c *pictor.Config) { c.CAFile, c.Transport = caFile, through })
	if _, err := c.GetInstance(t.Context(), "ins_1"); err != nil || tunnels.Load() == 0 {
		t.Errorf("%d tunnels, %v", tunnels.Load(), err)
	}
	if _, err := c.CreateInstance(t.Context(), spec(), "token-1"); err != nil {
		t.Error(err)
	}
	refuses = true
	// The proxy has refused before anything of the request left.
	_, err := c.CreateInstance(t.Context(), spec(), "token-2")
	if e := failure(t, err, pictor.CodeUnavailable); !strings.Contains(e.Error(), "Proxy Authentication Required") {
		t.Errorf("says %s", e)
	}
}

// tunnel joins a client to a host.
func tunnel(t *testing.T, w http.ResponseWriter, host string) {
	there, err := net.Dial("tcp", host)
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
}
