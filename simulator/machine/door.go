package machine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/crypto/ssh"
)

// door is the port of a machine, from a start of the machine until it stops.
type door struct {
	site     *site
	rented   *rented
	id       string // of the instance
	address  string // by which this run of the machine is told from another
	listener net.Listener
	config   *ssh.ServerConfig
	ctx      context.Context // ends with the door, and all connections with it
	end      context.CancelFunc
}

// openDoor listens on any free port but the one that the machine had before.
func openDoor(s *site, r *rented, now facts) (*door, error) {
	listener, err := listen(r.port)
	if err != nil {
		return nil, err
	}
	d := &door{site: s, rented: r, id: now.ID, address: now.Address, listener: listener}
	d.config = d.login(hostKey(now.seed, now.ID))
	d.ctx, d.end = context.WithCancel(s.machines.ctx)
	if !s.machines.start(d.serve) {
		d.close()
		return nil, errors.New("the simulator is shutting down")
	}
	return d, nil
}

// close takes no more connections and ends those that are open.
func (d *door) close() {
	d.listener.Close() // first: whoever is cut off finds it closed
	d.end()
}

func listen(otherThan int) (net.Listener, error) {
	const loopback = "127.0.0.1:0"
	first, err := net.Listen("tcp", loopback)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", loopback, err)
	}
	if portOf(first) != otherThan {
		return first, nil
	}
	defer first.Close()
	return net.Listen("tcp", loopback) // which cannot be the same
}

func portOf(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

func (d *door) port() int { return portOf(d.listener) }

// serve takes connections until the door is closed.
func (d *door) serve() {
	m := d.site.machines
	for {
		conn, err := d.listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			m.log.Warn("a machine takes no connection", "instance", d.id, "error", err)
			select { // the process may be short of files for a while
			case <-d.ctx.Done():
			case <-time.After(acceptPause):
			}
			continue
		case !d.answers():
			conn.Close()
			continue
		}
		select {
		case m.connections <- struct{}{}:
			m.work.Go(func() {
				defer func() { <-m.connections }()
				d.converse(conn)
			})
		default:
			conn.Close()
		}
	}
}

const acceptPause = 100 * time.Millisecond

// look is what the world says of the machine, if it still is in the run that the
// door was opened for. If not, the door is closed.
func (d *door) look() (facts, bool) {
	now, exists := d.site.look(d.id)
	if exists && now.Address == d.address {
		return now, d.ctx.Err() == nil
	}
	d.site.check(d.id)
	return now, false
}

// answers tells whether the machine talks SSH by now.
func (d *door) answers() bool {
	now, up := d.look()
	if up && !now.reachable() {
		if err := d.site.sandbox.Knocked(d.id); err != nil {
			d.site.machines.log.Warn("the clock of a sandbox does not move", "instance", d.id, "error", err)
		}
		return false
	}
	return up
}

// login says who is let in: root, with the keys that the instance has now.
func (d *door) login(host ssh.Signer) *ssh.ServerConfig {
	config := &ssh.ServerConfig{
		ServerVersion: "SSH-2.0-pictor-sim",
		MaxAuthTries:  6,
		PublicKeyCallback: func(who ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			now, up := d.look()
			if !up || who.User() != "root" || !now.letsIn(key) {
				return nil, fmt.Errorf("%s is not let in with %s", who.User(), ssh.FingerprintSHA256(key))
			}
			return nil, nil
		},
	}
	config.AddHostKey(host)
	return config
}

// converse talks SSH on a connection until it ends.
func (d *door) converse(conn net.Conn) {
	defer conn.Close()
	defer context.AfterFunc(d.ctx, func() { conn.Close() })()
	_ = conn.SetDeadline(time.Now().Add(handshakeTime)) // what fails on it fails at the next read
	server, channels, requests, err := ssh.NewServerConn(conn, d.config)
	if err != nil {
		d.site.machines.log.Debug("nobody was logged in", "instance", d.id, "error", err)
		return
	}
	_ = conn.SetDeadline(time.Time{})
	d.site.machines.log.Debug("login", "instance", d.id, "client", string(server.ClientVersion()))
	d.site.machines.work.Go(func() { ssh.DiscardRequests(requests) })

	sessions := make(chan struct{}, maxSessions)
	for asked := range channels {
		if asked.ChannelType() != "session" {
			_ = asked.Reject(ssh.Prohibited, "a simulated machine forwards nothing")
			continue
		}
		select {
		case sessions <- struct{}{}:
		default:
			_ = asked.Reject(ssh.ResourceShortage, "a connection has too many sessions")
			continue
		}
		channel, requests, err := asked.Accept()
		if err != nil {
			return
		}
		d.site.machines.work.Go(func() {
			defer func() { <-sessions }()
			(&session{door: d, channel: channel, hangUp: conn.Close}).serve(requests)
		})
	}
}
