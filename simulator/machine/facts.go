package machine

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// facts are what the world says of a machine at a moment.
type facts struct {
	engine.Instance
	now        time.Time
	seed       uint64
	authorized []engine.SSHKey
}

// reachable tells whether SSH answers by now.
func (f facts) reachable() bool { return f.Address != "" && !f.now.Before(f.ReachableAt) }

// up is how long the machine has been running.
func (f facts) up() time.Duration { return f.now.Sub(f.ReachableAt) + f.SSHDelay }

// hostname is the instance's name as far as it is one for a host.
func (f facts) hostname() string {
	name := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, f.Name), "-")
	if name == "" {
		return "machine"
	}
	return name
}

// draw is chance that comes from the seed, for something of this machine.
func (f facts) draw(what string) [sha256.Size]byte { return draw(f.seed, what, f.ID) }

func draw(seed uint64, what, id string) [sha256.Size]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%s", seed, what, id))
}

// systemFiles are the files of a machine that come with it, by path.
func (f facts) systemFiles() map[string]string {
	var keys strings.Builder
	for _, k := range f.authorized {
		fmt.Fprintf(&keys, "%s %s\n", k.PublicKey, strings.ReplaceAll(k.Name, "\n", " "))
	}
	return map[string]string{
		"/etc/hostname":              f.hostname() + "\n",
		"/etc/os-release":            osRelease,
		"/root/.ssh/authorized_keys": keys.String(),
	}
}

const osRelease = `PRETTY_NAME="Ubuntu 24.04 LTS (simulated by pictor-sim)"
NAME="Ubuntu"
VERSION_ID="24.04"
ID=ubuntu
ID_LIKE=debian
`
