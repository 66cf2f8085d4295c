package machine

import (
	"sync"

	"golang.org/x/crypto/ssh"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// site is where the machines of one world stand.
type site struct {
	machines *Machines
	sandbox  Sandbox
	forget   func() bool // no longer waits for the end of the world

	mu     sync.Mutex // is taken before the sandbox's own lock, never after it
	ended  bool
	rented map[string]*rented // by instance id
}

// rented is a machine as long as its instance exists.
type rented struct {
	door  *door // nil while it does not run
	port  int   // that it had last
	files *files
}

// login is Machines.Login.
func (s *site) login(id string) (port int, address string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, up := s.review(id)
	if !up {
		return 0, "", false
	}
	r := s.rented[id]
	if r == nil {
		if r = s.add(id); r == nil {
			return 0, "", false
		}
	}
	if r.door == nil {
		d, err := openDoor(s, r, now)
		if err != nil {
			s.machines.log.Warn("a machine cannot be logged in to", "instance", id, "error", err)
			return 0, "", false
		}
		r.door, r.port = d, d.port()
	}
	return r.port, now.Address, true
}

// add makes room for a machine, nil when there is none.
func (s *site) add(id string) *rented {
	if s.ended {
		return nil
	}
	if s.machines.known.Add(1) > int64(s.machines.limits.Machines) {
		s.machines.known.Add(-1)
		return nil
	}
	r := &rented{files: newFiles()}
	s.rented[id] = r
	return r
}

func (s *site) remove(id string) {
	delete(s.rented, id)
	s.machines.known.Add(-1)
}

// review looks whether a machine runs, and closes the door of one that does not
// or that was started anew. The lock must be held.
func (s *site) review(id string) (now facts, up bool) {
	now, exists := s.look(id)
	up = exists && now.Address != "" && now.OS == engine.Linux
	r := s.rented[id]
	if r == nil {
		return now, up
	}
	if r.door != nil && (!up || r.door.address != now.Address) {
		r.door.close()
		r.door = nil
	}
	if !exists {
		s.remove(id)
	}
	return now, up
}

// check is review for one who does not hold the lock.
func (s *site) check(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.review(id)
}

// sweep forgets machines that are gone, and those that neither run nor have files.
func (s *site) sweep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, r := range s.rented {
		if s.review(id); r.door == nil && r.files.empty() && s.rented[id] != nil {
			s.remove(id)
		}
	}
}

// close closes every door for good.
func (s *site) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	for id, r := range s.rented {
		if r.door != nil {
			r.door.close()
		}
		s.remove(id)
	}
}

// look has what the world says of a machine now; false when it is gone.
func (s *site) look(id string) (now facts, exists bool) {
	s.sandbox.View(func(w *engine.World) {
		inst, err := w.Instance(id)
		if exists = err == nil; !exists {
			return
		}
		now = facts{Instance: inst, now: w.Now(), seed: w.Seed()}
		for _, keyID := range inst.SSHKeyIDs {
			if key, err := w.SSHKey(keyID); err == nil {
				now.authorized = append(now.authorized, key)
			}
		}
	})
	return now, exists
}

// letsIn tells whether a public key is one of the instance's.
func (f facts) letsIn(key ssh.PublicKey) bool {
	for _, k := range f.authorized {
		if k.Fingerprint == ssh.FingerprintSHA256(key) {
			return true
		}
	}
	return false
}
