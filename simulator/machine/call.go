package machine

import (
	"errors"
	"fmt"
	"io"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// call is one command that is being carried out.
type call struct {
	*shell
	streams
	name string
	args []string

	leaving error // what ends more than this command, if so
	wrong   error // that its output could not be written, if so
}

// noting remembers that something could not be written, so that commands need
// not look at every write.
type noting struct {
	to    io.Writer
	wrong *error
}

func (n noting) Write(p []byte) (int, error) {
	if *n.wrong != nil {
		return 0, *n.wrong
	}
	written, err := n.to.Write(p)
	*n.wrong = err
	return written, err
}

// printf prints to the standard output.
func (c *call) printf(format string, args ...any) { fmt.Fprintf(c.out, format, args...) }

// fail prints why the command cannot do what it is to do; the answer is 1.
func (c *call) fail(format string, args ...any) int {
	fmt.Fprintf(c.err, "%s: %s\n", c.name, fmt.Sprintf(format, args...))
	return 1
}

// call carries out a simple command.
func (sh *shell) call(cmd *syntax.CallExpr, std streams) error {
	sh.substituted = false
	args, err := expand.Fields(sh.words(std), cmd.Args...)
	if err != nil {
		return sh.failed(err, std)
	}
	if len(args) == 0 {
		for _, a := range cmd.Assigns {
			if err := sh.assign(a, std); err != nil {
				return sh.failed(err, std)
			}
		}
		if !sh.substituted { // x=$(false) fails, x=1 does not
			sh.status = 0
		}
		return nil
	}
	for _, a := range cmd.Assigns { // they hold for this command only
		name := a.Name.Value
		before, known := sh.vars[name]
		defer func() {
			delete(sh.vars, name)
			if known {
				sh.vars[name] = before
			}
		}()
		if err := sh.assign(a, std); err != nil {
			return sh.failed(err, std)
		}
		if v, ok := sh.vars[name]; ok {
			v.Exported = true
			sh.vars[name] = v
		}
	}
	return sh.carryOut(args, std)
}

// carryOut runs a command by its name.
func (sh *shell) carryOut(args []string, std streams) error {
	c := &call{shell: sh, streams: std, name: args[0], args: args[1:]}
	c.out = noting{std.out, &c.wrong}
	do := find(c.name)
	if do == nil {
		fmt.Fprintf(std.err, "bash: %s: command not found\n", c.name)
		sh.status = 127
		return nil
	}
	sh.status = do(c)
	if c.wrong != nil && !errors.Is(c.wrong, errTooMuch) && sh.status == 0 {
		sh.status = c.fail("write error: %v", c.wrong)
	}
	return c.leaving
}
