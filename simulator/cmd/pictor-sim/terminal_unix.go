//go:build !windows

package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// inForeground says whether this process gets what is typed at its terminal, as
// Ctrl-C. All of its process group do, and so do commands that it has started.
func inForeground() bool {
	terminal, err := os.Open("/dev/tty")
	if err != nil {
		return false // it has none
	}
	defer terminal.Close()
	group, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}
