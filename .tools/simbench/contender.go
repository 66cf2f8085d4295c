//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// contender is one of the servers that are held against each other.
type contender struct {
	name   string
	launch func(b *bench) (*server, error)
}

// The names of the contenders in the report.
const (
	bareEcho = "bare echo"
	inMemory = "pictor-sim"
	onDisk   = "pictor-sim --data"
)

func (b *bench) contenders() []contender {
	all := []contender{
		{bareEcho, func(b *bench) (*server, error) {
			self, err := os.Executable()
			if err != nil {
				return nil, err
			}
			return b.launch(bareEcho, self, func(folder string) []string {
				return []string{baselineCommand, "--ready-file", filepath.Join(folder, "ready.json")}
			})
		}},
		{inMemory, func(b *bench) (*server, error) {
			return b.launch(inMemory, b.sim, b.simulatorWithMarket)
		}},
	}
	if b.durable {
		all = append(all, contender{onDisk, func(b *bench) (*server, error) {
			return b.launch(onDisk, b.sim, func(folder string) []string {
				return append(b.simulatorWithMarket(folder), "--data", filepath.Join(folder, "pictor.db"))
			})
		}})
	}
	return all
}

// simulatorWithMarket is the default configuration with enough to rent, enough
// credits for it, and machines that boot fast.
func (b *bench) simulatorWithMarket(folder string) []string {
	return []string{
		"serve", "--addr", "127.0.0.1:0", "--ready-file", filepath.Join(folder, "ready.json"),
		"--hosts", strconv.Itoa(b.hosts), "--credits", "100000000", "--provisioning", "1ms",
	}
}

// start starts a contender and gives it an SSH key to rent with.
func (b *bench) start(ctx context.Context, c contender) (*server, error) {
	s, err := c.launch(b)
	if err != nil {
		return nil, err
	}
	if err = s.awaitReady(ctx); err == nil {
		err = s.addSSHKey(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *server) addSSHKey(ctx context.Context) error {
	const key = `{"name":"bench","public_key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1uRzRtZb0GmJ1m0fVbX1cQp1hJ8QvB2mGQX0bqk7mE"}`
	c, err := dial(ctx, s.addr)
	if err != nil {
		return err
	}
	defer c.close()
	answer, err := c.do(s.request("POST", "/ssh-keys", "", []byte(key), 201))
	if err != nil {
		return err
	}
	s.sshKey, err = idOf(answer)
	return err
}

// canBeDurable tells whether the simulator takes --data. One that does not is
// an error, unless the durable rows are not wanted.
func (b *bench) canBeDurable(ctx context.Context) (bool, error) {
	help, err := exec.CommandContext(ctx, b.sim, "serve", "--help").Output()
	if err != nil {
		return false, fmt.Errorf("--sim %s: it cannot be run: %w", b.sim, err)
	}
	takes := strings.Contains(string(help), "--data ")
	switch {
	case b.noDurable && takes:
		b.say("--no-durable: nothing is measured with --data")
	case b.noDurable:
		b.say("this pictor-sim knows no --data: what needs it is left out")
	case !takes:
		return false, fmt.Errorf("%s serve knows no --data: build a newer one (make build), or leave out what needs it with --no-durable", b.sim)
	}
	return takes && !b.noDurable, nil
}
