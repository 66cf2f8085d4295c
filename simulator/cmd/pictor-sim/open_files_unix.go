//go:build !windows

package main

import (
	"math"
	"syscall"
)

// maxOpenFiles is how many files and connections this process may have open.
func maxOpenFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return math.MaxInt32 // where it is not known, nothing is lowered
	}
	return int(min(limit.Cur, math.MaxInt32))
}
