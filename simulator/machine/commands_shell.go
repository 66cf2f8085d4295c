package machine

import (
	"context"
	"io"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"mvdan.cc/sh/v3/expand"
)

// Commands that change or run the shell itself.

func jumpOut(c *call) int {
	n := 1
	if len(c.args) > 0 {
		n, _ = strconv.Atoi(c.args[0])
	}
	if n < 1 {
		return c.fail("%s: loop count out of range", c.args[0])
	}
	if c.loops > 0 {
		c.leaving = jump{n, c.name == "continue"}
	}
	return 0
}

func exit(c *call) int {
	c.leaving = leave{}
	if len(c.args) == 0 {
		return c.status
	}
	n, err := strconv.Atoi(c.args[0])
	if err != nil {
		c.fail("%s: numeric argument required", c.args[0])
		return 2
	}
	return n & 0xff
}

func changeDir(c *call) int {
	to := c.vars["HOME"].Str
	switch {
	case len(c.args) > 1:
		return c.fail("too many arguments")
	case len(c.args) == 1 && c.args[0] == "-":
		to = c.vars["OLDPWD"].Str
	case len(c.args) == 1:
		to = c.args[0]
	}
	dir := c.path(to)
	e, err := c.tree().find(dir)
	if err == nil && !e.dir {
		err = errNotDir
	}
	if err != nil {
		return c.fail("%s: %v", to, err)
	}
	c.shell.vars["OLDPWD"], c.shell.vars["PWD"] = c.vars["PWD"], expand.Variable{Set: true, Exported: true, Kind: expand.String, Str: dir}
	c.dir = dir
	return 0
}

func read(c *call) int {
	given, bad := c.flags("r")
	if bad != "" {
		return c.fail("%s: invalid option", bad)
	}
	var line []byte
	var err error
	for one := make([]byte, 1); err == nil && len(line) < maxValue; {
		var n int
		if n, err = c.in.Read(one); n == 1 {
			if one[0] == '\n' {
				break
			}
			line = append(line, one[0])
		}
	}
	names := c.args
	if len(names) == 0 {
		names = []string{"REPLY"}
	}
	values := expand.ReadFields(c.words(c.streams), string(line), len(names), given['r'])
	for i, name := range names {
		v := expand.Variable{Set: true, Kind: expand.String}
		if i < len(values) {
			v.Str = values[i]
		}
		if err := c.Set(name, v); err != nil {
			return c.fail("%v", err)
		}
	}
	return truth(err == nil)
}

func set(c *call) int {
	for len(c.args) > 0 {
		arg := c.args[0]
		c.args = c.args[1:]
		if arg == "--" || arg[:min(1, len(arg))] != "-" && arg[:min(1, len(arg))] != "+" {
			return c.fail("%s: %v", arg, errUnsupported)
		}
		for _, r := range arg[1:] {
			switch on := arg[0] == '-'; {
			case r == 'e':
				c.errexit = on
			case r == 'u':
				c.nounset = on
			case r == 'o' && len(c.args) > 0:
				c.option(c.args[0], on)
				c.args = c.args[1:]
			}
		}
	}
	return 0
}

func (sh *shell) option(name string, on bool) {
	switch name {
	case "errexit":
		sh.errexit = on
	case "nounset":
		sh.nounset = on
	case "pipefail":
		sh.pipefail = on
	}
}

func unset(c *call) int {
	for _, name := range c.args {
		delete(c.vars, name)
	}
	return 0
}

// bash runs a text, or what comes in, in a shell of its own.
func bash(c *call) int {
	var text string
	args := c.args
	for len(args) > 0 && strings.HasPrefix(args[0], "-") && !strings.Contains(args[0], "c") {
		args = args[1:] // such as -l
	}
	switch {
	case len(args) > 1 && strings.HasPrefix(args[0], "-"):
		text, args = args[1], args[2:]
	case len(args) > 0 && args[0][0] != '-':
		data, err := c.tree().read(c.path(args[0]))
		if err != nil {
			c.fail("%s: %v", args[0], err)
			return 127
		}
		text = string(data)
	case len(args) > 0:
		c.fail("%s: option requires an argument", args[0])
		return 2
	default:
		data, err := io.ReadAll(io.LimitReader(c.in, maxSource+1))
		if err != nil {
			return c.fail("%v", err)
		}
		text = string(data)
	}
	before := c.status
	err := c.inside(c.streams, func(sub *shell) error {
		sub.errexit, sub.nounset, sub.pipefail, sub.guarded = false, false, false, 0
		maps.DeleteFunc(sub.vars, func(_ string, v expand.Variable) bool { return !v.Exported })
		sub.args, sub.status = args, 0
		return sub.text(text, c.streams)
	})
	status := c.status
	c.leaving, c.status = err, before
	return status
}

// which says where commands are, or with "command" carries one out.
func which(c *call) int {
	if c.name == "command" && len(c.args) > 0 && c.args[0] != "-v" {
		c.leaving = c.carryOut(c.args, c.streams)
		return c.status
	}
	c.flags("vtpP")
	status := 0
	for _, name := range c.args {
		switch {
		case find(name) == nil && c.name == "type":
			status = c.fail("%s: not found", name)
		case find(name) == nil:
			status = 1
		case c.name == "type":
			c.printf("%s is /usr/bin/%s\n", name, path.Base(name))
		default:
			c.printf("/usr/bin/%s\n", path.Base(name))
		}
	}
	return status
}

// env shows the environment, or carries a command out.
func env(c *call) int {
	if c.name == "env" {
		for len(c.args) > 0 && strings.Contains(c.args[0], "=") {
			name, value, _ := strings.Cut(c.args[0], "=")
			before, known := c.vars[name]
			defer func() {
				delete(c.vars, name)
				if known {
					c.vars[name] = before
				}
			}()
			if err := c.Set(name, expand.Variable{Set: true, Exported: true, Kind: expand.String, Str: value}); err != nil {
				return c.fail("%v", err)
			}
			c.args = c.args[1:]
		}
		if len(c.args) > 0 {
			c.leaving = c.carryOut(c.args, c.streams)
			return c.status
		}
	}
	if len(c.args) > 0 {
		v := c.vars[c.args[0]]
		if !v.Exported {
			return 1
		}
		c.printf("%s\n", v.Str)
		return 0
	}
	for _, name := range slices.Sorted(maps.Keys(c.vars)) {
		if v := c.vars[name]; v.Exported {
			c.printf("%s=%s\n", name, v.Str)
		}
	}
	return 0
}

// sleep waits as long as it is told, but in real time not for long.
func sleep(c *call) int {
	if len(c.args) == 0 {
		return c.fail("missing operand")
	}
	var total time.Duration
	for _, arg := range c.args {
		if arg[len(arg)-min(1, len(arg)):] >= "0" && arg[len(arg)-min(1, len(arg)):] <= "9" {
			arg += "s"
		}
		d, err := time.ParseDuration(strings.Replace(arg, "d", "h", 1))
		if err != nil || d < 0 {
			return c.fail("invalid time interval %q", arg)
		}
		total += min(d, longestSleep)
	}
	ctx, cancel := context.WithTimeout(c.ctx, min(total, longestSleep))
	defer cancel()
	<-ctx.Done()
	return 0
}
