//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"
)

// readiness is what a server writes to its ready file, as pictor-sim does.
type readiness struct {
	Endpoint string `json:"endpoint"`
	APIKey   string `json:"api_key"`
}

// write puts the file in place at once, so that nobody reads half of it.
func (r readiness) write(path string) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// server is a server in a process of its own.
type server struct {
	name   string
	addr   string // host:port
	base   string // what each path begins with
	apiKey string
	sshKey string   // its id
	offers []string // an offer for each instance that is going to be created
	files  string   // the folder of its ready file and its data file

	created atomic.Int64 // creates that were sent
	command *exec.Cmd
	ended   chan struct{} // closed when the process has ended
	said    *bytes.Buffer // to stderr; read it only when the process has ended
}

// launch starts a server's process. Its folder is removed when it is stopped.
func (b *bench) launch(name, program string, args func(folder string) []string) (*server, error) {
	folder, err := os.MkdirTemp(b.folder, "server-*")
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	s := &server{name: name, files: folder, offers: b.offers, ended: make(chan struct{}), said: &bytes.Buffer{}}
	s.command = exec.Command(program, args(folder)...)
	s.command.Stderr = s.said
	if err := s.command.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", name, err), os.RemoveAll(folder))
	}
	go func() {
		_ = s.command.Wait() // whoever waits for more than the end has said in s.said
		close(s.ended)
	}()
	return s, nil
}

// awaitReady waits until the server takes requests.
func (s *server) awaitReady(ctx context.Context) error {
	const patience, glance = 30 * time.Second, time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		data, err := os.ReadFile(s.readyFile())
		if err == nil {
			var ready readiness
			if err := json.Unmarshal(data, &ready); err != nil {
				return fmt.Errorf("start %s: its ready file: %w", s.name, err)
			}
			at, err := url.Parse(ready.Endpoint)
			if err != nil {
				return fmt.Errorf("start %s: its ready file: %w", s.name, err)
			}
			s.addr, s.base, s.apiKey = at.Host, at.Path, ready.APIKey
			return nil
		}
		select {
		case <-s.ended:
			return fmt.Errorf("start %s: it ended at once and said: %s", s.name, bytes.TrimSpace(s.said.Bytes()))
		case <-ctx.Done():
			return fmt.Errorf("start %s: no ready file after %s", s.name, patience)
		case <-time.After(glance):
		}
	}
}

func (s *server) readyFile() string { return filepath.Join(s.files, "ready.json") }

// close ends the process and removes its files.
func (s *server) close() error {
	const patience = 10 * time.Second
	_ = s.command.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-s.ended:
	case <-time.After(patience):
		_ = s.command.Process.Kill()
		<-s.ended
	}
	return os.RemoveAll(s.files)
}

func (s *server) pid() int { return s.command.Process.Pid }
