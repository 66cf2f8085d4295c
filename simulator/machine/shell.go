package machine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/pattern"
	"mvdan.cc/sh/v3/syntax"
)

// shell is a shell on a machine: what one of its programs leaves to the next.
type shell struct {
	files  *files
	dir    string
	vars   map[string]expand.Variable
	status int // of the last command
	args   []string

	errexit, nounset, pipefail bool // as "set" says

	// The following is of the program that runs.
	*budget
	facts
	substituted bool // a command substitution has set the status
	guarded     int  // above 0 a failure is looked at, so set -e does not mind it
	loops       int  // around what runs
	depth       int  // of shells in shells
}

// streams are what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func newShell(d *door) *shell {
	sh := &shell{files: d.rented.files, dir: "/root", vars: map[string]expand.Variable{}}
	for name, value := range map[string]string{
		"HOME": "/root", "USER": "root", "LOGNAME": "root", "SHELL": "/bin/bash", "LANG": "C.UTF-8",
		"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PWD": "/root",
	} {
		sh.vars[name] = expand.Variable{Set: true, Exported: true, Kind: expand.String, Str: value}
	}
	return sh
}

// What ends more than a command.
type (
	leave struct{} // the shell
	jump  struct {
		loops int
		again bool
	} // break and continue
	stop struct{ why error } // the program, as it is over its limits
)

func (leave) Error() string  { return "exit" }
func (jump) Error() string   { return "break" }
func (s stop) Error() string { return s.why.Error() }

// run carries a program out. The answer is true when the shell is to be left.
func (sh *shell) run(b *budget, now facts, text string, std streams) (status int, left bool) {
	sh.budget, sh.facts, sh.guarded, sh.loops = b, now, 0, 0
	std.out, std.err = metered{std.out, b}, metered{std.err, b}
	err := sh.text(text, std)
	if b.bytes.Load() < 0 { // what ran out was looked at by nobody since
		err = stop{errTooMuch}
	}
	var over stop
	if errors.As(err, &over) {
		// The budget may be why, so this goes past it.
		fmt.Fprintf(std.err.(metered).to, "bash: %s\n", over.why)
		sh.status = internalError
	}
	return sh.status, errors.As(err, new(leave))
}

// text runs a text in this shell.
func (sh *shell) text(text string, std streams) error {
	file, err := parse(text)
	if err == nil {
		err = refuse(file)
	}
	if err != nil {
		fmt.Fprintf(std.err, "bash: %v\n", err)
		sh.status = 2
		return nil
	}
	return sh.list(file.Stmts, std)
}

func (sh *shell) list(stmts []*syntax.Stmt, std streams) error {
	for _, s := range stmts {
		if err := sh.stmt(s, std); err != nil {
			return err
		}
	}
	return nil
}

func (sh *shell) stmt(s *syntax.Stmt, std streams) error {
	if err := sh.step(); err != nil {
		return stop{err}
	}
	std, err := sh.redirect(s.Redirs, std)
	if err != nil {
		return sh.failed(err, std)
	}
	if s.Negated {
		sh.guarded++
		err = sh.command(s.Cmd, std)
		sh.guarded--
		sh.status = truth(sh.status != 0)
		return err
	}
	if err := sh.command(s.Cmd, std); err != nil {
		return err
	}
	if sh.errexit && sh.status != 0 && sh.guarded == 0 {
		return leave{}
	}
	return nil
}

// truth is the exit status that stands for a condition.
func truth(ok bool) int {
	if ok {
		return 0
	}
	return 1
}

// failed prints why a command could not be carried out.
func (sh *shell) failed(err error, std streams) error {
	if isFlow(err) {
		return err
	}
	fmt.Fprintf(std.err, "bash: %v\n", err)
	sh.status = 1
	if errors.As(err, new(expand.UnsetParameterError)) || sh.errexit && sh.guarded == 0 {
		return leave{}
	}
	return nil
}

func isFlow(err error) bool {
	return errors.As(err, new(leave)) || errors.As(err, new(jump)) || errors.As(err, new(stop))
}

// command carries out what a statement consists of. What is not here has been
// refused before.
func (sh *shell) command(cmd syntax.Command, std streams) error {
	switch cmd := cmd.(type) {
	case nil: // only redirections
		sh.status = 0
		return nil
	case *syntax.CallExpr:
		return sh.call(cmd, std)
	case *syntax.DeclClause:
		return sh.declare(cmd, std)
	case *syntax.Block:
		return sh.list(cmd.Stmts, std)
	case *syntax.Subshell:
		return sh.inside(std, func(sub *shell) error { return sub.list(cmd.Stmts, std) })
	case *syntax.BinaryCmd:
		return sh.binary(cmd, std)
	case *syntax.IfClause:
		return sh.branch(cmd, std)
	case *syntax.WhileClause:
		return sh.loop(func() (bool, error) {
			err := sh.condition(cmd.Cond, std)
			return (sh.status == 0) != cmd.Until, err
		}, cmd.Do, std)
	case *syntax.ForClause:
		return sh.each(cmd, std)
	case *syntax.CaseClause:
		return sh.choose(cmd, std)
	case *syntax.ArithmCmd:
		n, err := expand.Arithm(sh.words(std), cmd.X)
		if err != nil {
			return sh.failed(err, std)
		}
		sh.status = truth(n != 0)
		return nil
	case *syntax.TimeClause:
		return sh.stmt(cmd.Stmt, std)
	}
	return sh.failed(fmt.Errorf("%w: %T", errUnsupported, cmd), std)
}

// inside lets a shell of its own do something, of which only the exit status
// comes back.
func (sh *shell) inside(std streams, do func(sub *shell) error) error {
	if sh.depth >= maxDepth {
		return sh.failed(errors.New("too many shells in shells"), std)
	}
	sub := *sh
	sub.depth++
	sub.vars, sub.loops = maps.Clone(sh.vars), 0
	err := do(&sub)
	sh.status = sub.status
	if errors.As(err, new(stop)) {
		return err
	}
	return nil
}

func (sh *shell) condition(stmts []*syntax.Stmt, std streams) error {
	sh.guarded++
	defer func() { sh.guarded-- }()
	return sh.list(stmts, std)
}

func (sh *shell) binary(cmd *syntax.BinaryCmd, std streams) error {
	switch cmd.Op {
	case syntax.Pipe, syntax.PipeAll:
		return sh.pipe(cmd, std)
	}
	if err := sh.condition([]*syntax.Stmt{cmd.X}, std); err != nil {
		return err
	}
	if (sh.status == 0) != (cmd.Op == syntax.AndStmt) {
		return nil
	}
	return sh.stmt(cmd.Y, std)
}

// pipe runs one side after the other: every command ends, and what is in between
// is bounded.
func (sh *shell) pipe(cmd *syntax.BinaryCmd, std streams) error {
	var between bytes.Buffer
	left, right := std, std
	left.out, right.in = metered{&between, sh.budget}, &between
	if cmd.Op == syntax.PipeAll {
		left.err = left.out
	}
	sh.guarded++
	err := sh.inside(left, func(sub *shell) error { return sub.stmt(cmd.X, left) })
	sh.guarded--
	if err != nil {
		return err
	}
	first := sh.status
	err = sh.inside(right, func(sub *shell) error { return sub.stmt(cmd.Y, right) })
	if sh.pipefail && sh.status == 0 {
		sh.status = first
	}
	return err
}

func (sh *shell) branch(cmd *syntax.IfClause, std streams) error {
	for ; cmd != nil; cmd = cmd.Else {
		if len(cmd.Cond) > 0 { // else has none
			if err := sh.condition(cmd.Cond, std); err != nil {
				return err
			}
			if sh.status != 0 {
				continue
			}
		}
		return sh.list(cmd.Then, std)
	}
	sh.status = 0
	return nil
}

func (sh *shell) loop(next func() (bool, error), body []*syntax.Stmt, std streams) error {
	sh.loops++
	defer func() { sh.loops-- }()
	status := 0
	for {
		if err := sh.step(); err != nil {
			return stop{err}
		}
		more, err := next()
		if err == nil && !more {
			sh.status = status
			return nil
		}
		if err == nil {
			err = sh.list(body, std)
			status = sh.status
		}
		var j jump
		switch {
		case errors.As(err, &j) && j.loops > 1 && sh.loops > 1:
			return jump{j.loops - 1, j.again}
		case errors.As(err, &j) && !j.again:
			sh.status = 0
			return nil
		case err != nil && !errors.As(err, &j):
			return err
		}
	}
}

func (sh *shell) each(cmd *syntax.ForClause, std streams) error {
	iter := cmd.Loop.(*syntax.WordIter) // the other kind has been refused
	items, err := expand.Fields(sh.words(std), iter.Items...)
	if err != nil {
		return sh.failed(err, std)
	}
	return sh.loop(func() (bool, error) {
		if len(items) == 0 {
			return false, nil
		}
		err := sh.Set(iter.Name.Value, expand.Variable{Set: true, Kind: expand.String, Str: items[0]})
		items = items[1:]
		return true, err
	}, cmd.Do, std)
}

func (sh *shell) choose(cmd *syntax.CaseClause, std streams) error {
	word, err := expand.Literal(sh.words(std), cmd.Word)
	for _, item := range cmd.Items {
		for _, p := range item.Patterns {
			var expr string
			if err == nil {
				expr, err = expand.Pattern(sh.words(std), p)
			}
			if err != nil {
				return sh.failed(err, std)
			}
			if matches(expr, word) {
				return sh.list(item.Stmts, std)
			}
		}
	}
	sh.status = 0
	return nil
}

func matches(p, word string) bool {
	expr, err := pattern.Regexp(p, pattern.EntireString)
	if err != nil {
		return p == word
	}
	return match(expr, word)
}

// path is where a name of a file leads.
func (sh *shell) path(name string) string {
	if !path.IsAbs(name) {
		name = path.Join(sh.dir, name)
	}
	return path.Clean(name)
}

// tilde is the working directory as a prompt shows it.
func (sh *shell) tilde() string {
	if rest, ok := strings.CutPrefix(sh.dir, "/root"); ok && (rest == "" || rest[0] == '/') {
		return "~" + rest
	}
	return sh.dir
}

func (sh *shell) tree() tree { return tree{sh.systemFiles(), sh.files, sh.now} }
