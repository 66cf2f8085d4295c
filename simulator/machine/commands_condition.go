package machine

import (
	"errors"
	"fmt"
	"strconv"
)

// test is "test" and "[".
func test(c *call) int {
	args := c.args
	if c.name == "[" {
		if len(args) == 0 || args[len(args)-1] != "]" {
			c.fail("missing ]")
			return 2
		}
		args = args[:len(args)-1]
	}
	t := condition{call: c, rest: args}
	if len(args) == 0 {
		return 1
	}
	holds := t.either()
	if len(t.rest) > 0 && t.err == nil {
		t.err = fmt.Errorf("%s: unexpected argument", t.rest[0])
	}
	if t.err != nil {
		c.fail("%v", t.err)
		return 2
	}
	return truth(holds)
}

// condition reads an expression from left to right: -a binds closer than -o.
type condition struct {
	*call
	rest  []string
	depth int
	err   error
}

func (t *condition) next() string {
	if len(t.rest) == 0 {
		if t.err == nil {
			t.err = errors.New("argument expected")
		}
		return ""
	}
	arg := t.rest[0]
	t.rest = t.rest[1:]
	return arg
}

func (t *condition) at(arg string) bool { return len(t.rest) > 0 && t.rest[0] == arg }

func (t *condition) either() bool {
	holds := t.both()
	for t.err == nil && t.at("-o") {
		t.next()
		holds = t.both() || holds
	}
	return holds
}

func (t *condition) both() bool {
	holds := t.one()
	for t.err == nil && t.at("-a") {
		t.next()
		holds = t.one() && holds
	}
	return holds
}

func (t *condition) one() bool {
	if t.depth++; t.depth > maxDepth {
		t.err = errors.New("expression is nested too deeply")
		return false
	}
	defer func() { t.depth-- }()
	if len(t.rest) >= 3 && isComparison(t.rest[1]) {
		return t.compare(t.next(), t.next(), t.next())
	}
	switch arg := t.next(); {
	case arg == "!" && len(t.rest) > 0:
		return !t.one()
	case arg == "(" && len(t.rest) > 0:
		holds := t.either()
		if t.next() != ")" && t.err == nil {
			t.err = errors.New("missing )")
		}
		return holds
	case len(arg) == 2 && arg[0] == '-' && len(t.rest) > 0:
		return t.unary(arg, t.next())
	default:
		return arg != ""
	}
}

func (t *condition) unary(op, arg string) bool {
	e, err := t.tree().find(t.path(arg))
	switch op {
	case "-n":
		return arg != ""
	case "-z":
		return arg == ""
	case "-e", "-r", "-w":
		return err == nil
	case "-d":
		return err == nil && e.dir
	case "-f":
		return err == nil && !e.dir
	case "-s":
		return err == nil && len(e.data) > 0
	case "-x":
		return err == nil && e.dir
	case "-v":
		_, ok := t.vars[arg]
		return ok
	case "-t", "-L", "-h", "-p", "-S", "-b", "-c":
		return false
	}
	t.err = fmt.Errorf("%s: unary operator expected", op)
	return false
}

func isComparison(op string) bool {
	switch op {
	case "=", "==", "!=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge":
		return true
	}
	return false
}

func (t *condition) compare(left, op, right string) bool {
	switch op {
	case "=", "==":
		return left == right
	case "!=":
		return left != right
	}
	a, b := t.number(left), t.number(right)
	switch op {
	case "-eq":
		return a == b
	case "-ne":
		return a != b
	case "-lt":
		return a < b
	case "-le":
		return a <= b
	case "-gt":
		return a > b
	}
	return a >= b
}

func (t *condition) number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil && t.err == nil {
		t.err = fmt.Errorf("%s: integer expression expected", s)
	}
	return n
}
