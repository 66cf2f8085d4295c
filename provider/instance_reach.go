package provider

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"golang.org/x/crypto/ssh"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// What a program can wait for (waitFor). Without a word it is running.
const (
	waitForNone    = "none"
	waitForRunning = "running"
	waitForSSH     = "ssh"
)

const (
	// attemptTime is how long one attempt at SSH may take.
	attemptTime = 10 * time.Second
	// The pauses between attempts grow.
	firstAttemptPause   = time.Second
	longestAttemptPause = 15 * time.Second
)

// Dialer opens connections; *net.Dialer is one.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// reach waits until a running instance answers SSH, if the program waits for
// that, and keeps the host key that it shows. It does not log in.
func (s *session) reach(ctx context.Context, state *InstanceState, want InstanceArgs) error {
	began, pause := s.clock.Now(), firstAttemptPause
	for attempt := 1; state.awaitsSSH(want); attempt++ {
		failed := s.seeHostKey(ctx, state)
		if failed == nil {
			p.GetLogger(ctx).InfoStatusf("SSH at %s answers after %s", state.Connection.address(), s.since(began))
			return nil
		}
		p.GetLogger(ctx).InfoStatusf("%s, waiting for SSH at %s: %s so far, attempt %d: %v", state.Status, state.Connection.address(), s.since(began), attempt, failed)
		if err := s.clock.Sleep(ctx, pause); err != nil {
			return s.unreachable(state, failed, attempt, began, err)
		}
		pause = min(pause*3/2, longestAttemptPause)
		// It may have failed meanwhile, or have another address.
		if inst, err := s.roster.Get(ctx, pictor.ID(state.InstanceID)); err == nil {
			state.observe(inst)
		}
		if hasEnded(pictor.InstanceStatus(state.Status)) {
			return state.ended()
		}
	}
	return nil
}

func (s *session) since(began time.Time) time.Duration {
	return s.clock.Now().Sub(began).Round(time.Second / 10)
}

// awaitsSSH tells whether it is still to be seen that SSH answers. A stopped
// instance is not waited for.
func (s *InstanceState) awaitsSSH(want InstanceArgs) bool {
	return value(want.WaitFor) == waitForSSH && s.SSHHostKey == nil && pictor.InstanceStatus(s.Status) == pictor.StatusRunning
}

func (s *session) unreachable(state *InstanceState, failed error, attempts int, began time.Time, end error) error {
	return fmt.Errorf("instance %s (%s) is running, but SSH at %s did not answer in %s (%w): attempt %d failed: %w. It is rented and has cost %s credits so far: "+
		"the next \"pulumi up\" goes on waiting; if %[3]s cannot be reached from here, set waitFor to \"running\"",
		value(state.Name), state.InstanceID, state.Connection.address(), s.since(began), end, attempts, failed, state.CostSoFar)
}

// seeHostKey connects as far as the proof that the server has its host key.
func (s *session) seeHostKey(ctx context.Context, state *InstanceState) error {
	at := state.Connection
	if at.Host == "" || at.Port == 0 {
		return errors.New("its address is not known yet")
	}
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	conn, err := s.dialer.DialContext(ctx, "tcp", at.address())
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	var key ssh.PublicKey
	_, _, _, err = ssh.NewClientConn(conn, at.address(), &ssh.ClientConfig{
		User: at.Username,
		HostKeyCallback: func(_ string, _ net.Addr, shown ssh.PublicKey) error {
			key = shown
			return errors.New("this is all that was wanted")
		},
	})
	if key == nil {
		return fmt.Errorf("no SSH server: %w", err)
	}
	state.SSHHostKey = new(strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))))
	state.SSHHostKeyFingerprint = new(ssh.FingerprintSHA256(key))
	return nil
}

func (c Connection) address() string { return net.JoinHostPort(c.Host, strconv.Itoa(c.Port)) }

// connect takes over where an instance is. A host key was seen at one place: at
// another one, or after a stop, it may be a new one, and is to be waited for
// again.
func (s *InstanceState) connect(now Connection) {
	if now != s.Connection && s.SSHHostKey != nil {
		s.SSHHostKey, s.SSHHostKeyFingerprint, s.WaitFor = nil, nil, nil
	}
	s.Connection = now
}
