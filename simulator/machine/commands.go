package machine

import "strings"

// command is something that can be called by its name; the answer is its exit
// status.
type command func(*call) int

// find has a command, nil when there is none of this name.
func find(name string) command {
	for _, dir := range []string{"/usr/local/bin/", "/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/"} {
		if rest, ok := strings.CutPrefix(name, dir); ok && find(rest) != nil && !strings.Contains(rest, "/") {
			name = rest
		}
	}
	switch name {
	case ":", "true":
		return func(*call) int { return 0 }
	case "false":
		return func(*call) int { return 1 }
	case "break", "continue":
		return jumpOut
	case "cd":
		return changeDir
	case "exit", "logout":
		return exit
	case "pwd":
		return func(c *call) int { c.printf("%s\n", c.dir); return 0 }
	case "read":
		return read
	case "set":
		return set
	case "unset":
		return unset
	case "test", "[":
		return test
	case "sh", "bash":
		return bash
	case "command", "type", "which":
		return which

	case "nvidia-smi":
		return nvidiaSMI

	case "date":
		return date
	case "df":
		return df
	case "env", "printenv":
		return env
	case "free":
		return free
	case "hostname":
		return func(c *call) int { c.printf("%s\n", c.hostname()); return 0 }
	case "id":
		return id
	case "nproc":
		return func(c *call) int { c.printf("%d\n", c.VCPUs); return 0 }
	case "sleep":
		return sleep
	case "uname":
		return uname
	case "uptime":
		return uptime
	case "whoami":
		return func(c *call) int { c.printf("root\n"); return 0 }

	case "cat":
		return cat
	case "ls":
		return ls
	case "mkdir":
		return mkdir
	case "rm":
		return rm
	case "touch":
		return touch

	case "echo":
		return echo
	case "printf":
		return printf
	case "grep":
		return grep
	case "head", "tail":
		return part
	case "wc":
		return wc
	}
	return nil
}

// flags takes the leading arguments that are single-letter options, of which
// known are there; those that it does not know are answered in bad.
func (c *call) flags(known string) (given map[rune]bool, bad string) {
	given = map[rune]bool{}
	for len(c.args) > 0 && len(c.args[0]) > 1 && c.args[0][0] == '-' {
		arg := c.args[0]
		c.args = c.args[1:]
		if arg == "--" {
			break
		}
		for _, r := range arg[1:] {
			if !strings.ContainsRune(known, r) {
				return given, arg
			}
			given[r] = true
		}
	}
	return given, ""
}
