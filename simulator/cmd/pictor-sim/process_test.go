package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
)

// process is a simulator that runs as a process of its own.
type process struct {
	cmd      *exec.Cmd
	endpoint string // of the API
	key      string
	client   *http.Client
	ended    chan struct{}
}

// startSimulator starts "pictor-sim serve" on any free port, behind a command
// that runs it, if one is given, and returns when it takes requests.
func startSimulator(t *testing.T, key string, before []string, flags ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// TestMain makes the test binary the command when it is called by its name.
	link := t.TempDir() + "/pictor-sim"
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	args := append(append(before, link, "serve", "--addr", "127.0.0.1:0"), flags...)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), apiKeyVariable+"="+key, "PICTOR_SIM_CHECK_ANSWERS=true")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: cmd, key: key, ended: make(chan struct{}), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	ready := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		lines.Scan()
		ready <- lines.Text()
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait() // its status is that of the killed
		close(p.ended)
	}()
	t.Cleanup(p.kill)
	for _, word := range strings.Fields(<-ready) {
		if value, ok := strings.CutPrefix(word, "PICTOR_ENDPOINT="); ok {
			p.endpoint = value
		}
	}
	if p.endpoint == "" {
		t.Fatal("the simulator did not start")
	}
	return p
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.ended
	p.client.CloseIdleConnections()
}

// stop ends it as Ctrl-C does.
func (p *process) stop(t *testing.T, signalled *os.Process) {
	t.Helper()
	if err := signalled.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-p.ended
}

// answer is what came back in full.
type answer struct {
	status int
	date   time.Time
	body   []byte
}

func (a answer) ok() bool { return a.status >= 200 && a.status < 300 }

func (a answer) into(v any) error { return json.Unmarshal(a.body, v) }

// send sends a request with a key; an error means that nobody knows what became
// of it.
func (p *process) send(ctx context.Context, key, method, path string, body any, header ...string) (answer, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return answer{}, err
	}
	base := p.endpoint
	if strings.HasPrefix(path, "/_sim") {
		base = strings.TrimSuffix(base, "/api")
	}
	req, err := http.NewRequestWithContext(ctx, method, base+path, bytes.NewReader(data))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+key)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, err
	}
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return answer{}, err
	}
	if resp.StatusCode >= 500 {
		return answer{}, fmt.Errorf("%s %s is answered %s", method, path, got)
	}
	return answer{resp.StatusCode, date, got}, nil
}

// list reads every page of a list.
func list[T any](ctx context.Context, p *process, path string) (all []T, date time.Time, err error) {
	for page := 1; ; page++ {
		a, err := p.send(ctx, p.key, http.MethodGet, fmt.Sprintf("%s?per_page=100&page=%d", path, page), nil)
		if err != nil {
			return nil, time.Time{}, err
		}
		if a.status != http.StatusOK {
			return nil, time.Time{}, errors.New(string(a.body))
		}
		var got struct {
			Data []T           `json:"data"`
			Meta wire.PageMeta `json:"meta"`
		}
		if err := a.into(&got); err != nil {
			return nil, time.Time{}, err
		}
		if date.IsZero() {
			date = a.date
		}
		if all = append(all, got.Data...); page >= got.Meta.LastPage {
			return all, date, nil
		}
	}
}
