package machine

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

var _ expand.WriteEnviron = (*shell)(nil)

// words says how the words of a command are expanded. Everything that makes them
// longer than they were written comes by here and is taken from the budget.
func (sh *shell) words(std streams) *expand.Config {
	return &expand.Config{
		Env:      sh,
		NoUnset:  sh.nounset,
		ReadDir2: sh.globbed,
		CmdSubst: func(w io.Writer, s *syntax.CmdSubst) error {
			var out bytes.Buffer
			inner := std
			inner.out = &limited{&out, maxValue, sh.budget}
			sh.substituted = true
			err := sh.inside(inner, func(sub *shell) error { return sub.list(s.Stmts, inner) })
			if err == nil {
				_, err = out.WriteTo(w)
			}
			return err
		},
		ProcSubst: func(*syntax.ProcSubst) (string, error) { return "", errUnsupported },
	}
}

// limited takes so much and forgets the rest.
type limited struct {
	to     io.Writer
	left   int
	budget *budget
}

func (l *limited) Write(p []byte) (int, error) {
	n := len(p)
	p = p[:min(n, l.left)]
	l.left -= len(p)
	if _, err := (metered{l.to, l.budget}).Write(p); err != nil {
		return 0, err
	}
	return n, nil
}

// Get is a variable.
func (sh *shell) Get(name string) expand.Variable {
	v := sh.variable(name)
	size := len(v.Str)
	for _, s := range v.List {
		size += len(s)
	}
	if !sh.take(size + 1) {
		return expand.Variable{} // and the next step ends the program
	}
	return v
}

func (sh *shell) variable(name string) expand.Variable {
	text := func(s string) expand.Variable { return expand.Variable{Set: true, Kind: expand.String, Str: s} }
	switch name {
	case "?":
		return text(strconv.Itoa(sh.status))
	case "$", "PPID", "BASHPID":
		return text("1000") // there is no process
	case "#":
		return text(strconv.Itoa(max(len(sh.args)-1, 0)))
	case "UID", "EUID", "GID":
		return text("0")
	case "HOSTNAME":
		return text(sh.hostname())
	case "-", "!", "_":
		return text("")
	case "@", "*":
		return expand.Variable{Set: true, Kind: expand.Indexed, List: sh.args[min(1, len(sh.args)):]}
	case "0":
		if len(sh.args) == 0 {
			return text("bash")
		}
	}
	if n, err := strconv.Atoi(name); err == nil {
		if n >= 0 && n < len(sh.args) {
			return text(sh.args[n])
		}
		return expand.Variable{}
	}
	if user, ok := strings.CutPrefix(name, "HOME "); ok {
		// Without an answer the library would ask the host for its user.
		if user == "root" {
			return text("/root")
		}
		return text("~" + user)
	}
	return sh.vars[name]
}

// Each is every variable that a program has.
func (sh *shell) Each(show func(name string, v expand.Variable) bool) {
	for name, v := range sh.vars {
		if !show(name, v) {
			return
		}
	}
}

// Set gives a variable a value, or takes it away.
func (sh *shell) Set(name string, v expand.Variable) error {
	old, known := sh.vars[name]
	switch {
	case !syntax.ValidName(name) || !v.IsSet() && v.Kind != expand.Unknown:
		return fmt.Errorf("%s: not a valid identifier", name)
	case !v.IsSet():
		delete(sh.vars, name)
		return nil
	case len(v.Str) > maxValue:
		return fmt.Errorf("%s: a simulated machine keeps at most %d bytes in a variable", name, maxValue)
	case !known && len(sh.vars) >= maxVariables:
		return fmt.Errorf("%s: a simulated machine has at most %d variables", name, maxVariables)
	}
	v.Exported = v.Exported || old.Exported
	sh.vars[name] = v
	return nil
}

// assign carries out NAME=value.
func (sh *shell) assign(a *syntax.Assign, std streams) error {
	value, err := expand.Literal(sh.words(std), a.Value)
	if err != nil {
		return err
	}
	if a.Append {
		value = sh.Get(a.Name.Value).Str + value
	}
	return sh.Set(a.Name.Value, expand.Variable{Set: true, Kind: expand.String, Str: value})
}

// declare carries out export and its like, which are all the same here.
func (sh *shell) declare(cmd *syntax.DeclClause, std streams) error {
	sh.status = 0
	for _, a := range cmd.Args {
		if a.Name == nil {
			return sh.failed(fmt.Errorf("%s with options or computed names: %w", cmd.Variant.Value, errUnsupported), std)
		}
		if !a.Naked {
			if err := sh.assign(a, std); err != nil {
				return sh.failed(err, std)
			}
		}
		if v, ok := sh.vars[a.Name.Value]; ok && cmd.Variant.Value == "export" {
			v.Exported = true
			sh.vars[a.Name.Value] = v
		}
	}
	return nil
}

// globbed is what a pattern for names of files finds in a directory.
func (sh *shell) globbed(dir string) ([]fs.DirEntry, error) {
	list, err := sh.tree().list(sh.path(dir))
	if err == errNotDir {
		return nil, nil
	}
	if err != nil {
		return nil, fs.ErrNotExist
	}
	const weight = 64 // of an entry
	if !sh.take(weight * (len(list) + 1)) {
		return nil, errTooMuch
	}
	entries := make([]fs.DirEntry, len(list))
	for i, e := range list {
		entries[i] = fs.FileInfoToDirEntry(info{e})
	}
	return entries, nil
}

// info is an entry as package fs has it.
type info struct{ entry }

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return int64(len(i.data)) }
func (i info) IsDir() bool        { return i.dir }
func (i info) ModTime() time.Time { return i.changed }
func (i info) Sys() any           { return nil }
func (i info) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o755
	}
	return 0o644
}
