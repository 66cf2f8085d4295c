package main

import "github.com/pulumi-pictor/pulumi-pictor/simulator"

// reservedFiles is how many open files are kept for what is no connection: the
// data file, the ports, pipes.
const reservedFiles = 64

// fitConnections lowers the limit of connections to what this process may open.
// Otherwise the system's limit is met first, and then nobody can connect any
// more, however many connections are idle.
func fitConnections(cfg *simulator.Config) {
	servers := 1
	if cfg.Control.Apart {
		servers = 2 // with as many connections each
	}
	files, wanted := maxOpenFiles(), cfg.MaxConnections
	fitting := max((files-reservedFiles)/servers, 1)
	if wanted <= fitting {
		return
	}
	cfg.MaxConnections = fitting
	cfg.Log.Warn("fewer connections at once than were to be, as this process may open too few files: start it where ulimit -n is enough",
		"connections", fitting, "instead_of", wanted, "ulimit_n", files, "enough", wanted*servers+reservedFiles)
}
