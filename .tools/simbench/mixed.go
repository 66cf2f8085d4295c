//go:build linux

package main

import "time"

// machine is an instance that a connection of the mixed load owns.
type machine struct {
	id     string
	stable time.Time // when its transition is over for certain
}

// How long transitions take by the simulator's defaults, and a little more.
const (
	booting  = 600 * time.Millisecond // --provisioning 1ms
	stopping = 1100 * time.Millisecond
	starting = 2100 * time.Millisecond
)

// turns is what the mixed load sends in twenty requests: 70 % reads, 15 % lists,
// and changes: creates and as many deletes, so that there are always as many
// instances, and stops and starts.
const turns = "rrrlrrrcrrlrrrdrrlrx"

// mixed sends reads, lists and changes. Each connection changes instances of its
// own, so that no two meet at one.
func mixed(s *server, own []string, ordinal int) sender {
	m := &mixture{server: s, turn: ordinal, list: s.get("/gpu-instances")}
	for _, id := range own {
		m.up = append(m.up, machine{id: id})
	}
	return m.next
}

type mixture struct {
	server   *server
	turn     int
	list     request
	up, down []machine // the one that changed longest ago first
}

func (m *mixture) next(now time.Time) (request, func([]byte) error, error) {
	m.turn++
	switch turns[m.turn%len(turns)] {
	case 'l':
		return m.list, nil, nil
	case 'c':
		r, err := m.server.createInstance(true)
		return r, m.created, err
	case 'd':
		id := m.up[0].id
		m.up = m.up[1:]
		return m.server.deleteInstance(id), nil, nil
	case 'x':
		if len(m.down) > 0 && m.down[0].stable.Before(now) {
			id := m.down[0].id
			m.down = m.down[1:]
			m.up = append(m.up, machine{id, now.Add(starting)})
			return m.server.startInstance(id), nil, nil
		}
		if len(m.up) > 2 && m.up[0].stable.Before(now) {
			id := m.up[0].id
			m.up = m.up[1:]
			m.down = append(m.down, machine{id, now.Add(stopping)})
			return m.server.stopInstance(id), nil, nil
		}
		// All its machines are in transition: one more read.
	}
	return m.server.getInstance(m.up[m.turn%len(m.up)].id), nil, nil
}

func (m *mixture) created(answer []byte) error {
	id, err := idOf(answer)
	m.up = append(m.up, machine{id, time.Now().Add(booting)})
	return err
}
