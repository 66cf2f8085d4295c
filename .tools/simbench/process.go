//go:build linux

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of processor time in /proc; Linux shows programs 100 a
// second on every architecture that Go runs on.
const clockTick = time.Second / 100

// cpuTime is the processor time that a process has used, user and system.
func cpuTime(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("read a server's processor time: %w", err)
	}
	// The second field is the name in brackets and may contain anything.
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest) // from the third on: utime is the 14th, stime the 15th
	if len(fields) < 13 {
		return 0, fmt.Errorf("read a server's processor time: /proc/%d/stat is %q", pid, stat)
	}
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read a server's processor time: %w", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick, nil
}

// machineTime is the processor time that all processes have used, and that other
// machines on the same hardware have taken from this one.
func machineTime() (time.Duration, error) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, fmt.Errorf("read the machine's processor time: %w", err)
	}
	var user, nice, system, idle, iowait, irq, softirq, steal int64
	if _, err := fmt.Sscanf(string(stat), "cpu %d %d %d %d %d %d %d %d", &user, &nice, &system, &idle, &iowait, &irq, &softirq, &steal); err != nil {
		return 0, fmt.Errorf("read the machine's processor time: the first line of /proc/stat: %w", err)
	}
	return time.Duration(user+nice+system+irq+softirq+steal) * clockTick, nil
}

// memory is a process's resident memory now and at its highest, in MB (10⁶ bytes).
func memory(pid int) (now, peak float64, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, fmt.Errorf("read a server's memory: %w", err)
	}
	for line := range strings.Lines(string(status)) {
		var kib float64
		if _, err := fmt.Sscanf(line, "VmRSS: %f kB", &kib); err == nil {
			now = kib * 1024 / 1e6
		}
		if _, err := fmt.Sscanf(line, "VmHWM: %f kB", &kib); err == nil {
			peak = kib * 1024 / 1e6
		}
	}
	if now == 0 || peak == 0 {
		return 0, 0, fmt.Errorf("read a server's memory: /proc/%d/status has no VmRSS and VmHWM", pid)
	}
	return now, peak, nil
}
