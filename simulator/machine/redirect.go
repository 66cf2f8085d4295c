package machine

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// redirect opens what a statement's redirections name.
func (sh *shell) redirect(redirections []*syntax.Redirect, std streams) (streams, error) {
	for _, r := range redirections {
		if err := sh.redirectOne(r, &std); err != nil {
			return std, err
		}
	}
	return std, nil
}

func (sh *shell) redirectOne(r *syntax.Redirect, std *streams) error {
	target := &std.out
	if r.N != nil {
		switch r.N.Value {
		case "0", "1":
		case "2":
			target = &std.err
		default:
			return fmt.Errorf("file descriptor %s: %w", r.N.Value, errUnsupported)
		}
	}
	if r.Op == syntax.Hdoc || r.Op == syntax.DashHdoc {
		text, err := sh.hereDocument(r, *std)
		std.in = strings.NewReader(text)
		return err
	}
	arg, err := expand.Literal(sh.words(*std), r.Word)
	if err != nil {
		return err
	}
	switch r.Op {
	case syntax.WordHdoc:
		std.in = strings.NewReader(arg + "\n")
		return nil
	case syntax.DplOut:
		switch arg {
		case "1":
			*target = std.out
		case "2":
			*target = std.err
		case "-":
			*target = io.Discard
		default:
			return fmt.Errorf("%s: %w", arg, errUnsupported)
		}
		return nil
	case syntax.RdrIn:
		data, err := sh.tree().read(sh.path(arg))
		if err != nil {
			return fmt.Errorf("%s: %w", arg, err)
		}
		std.in = bytes.NewReader(data)
		return nil
	case syntax.RdrOut, syntax.RdrClob, syntax.AppOut, syntax.RdrAll, syntax.AppAll:
		file := fileWriter{sh.tree(), sh.path(arg)}
		more := r.Op == syntax.AppOut || r.Op == syntax.AppAll
		if err := file.tree.write(file.path, nil, more); err != nil {
			return fmt.Errorf("%s: %w", arg, err)
		}
		*target = metered{file, sh.budget}
		if r.Op == syntax.RdrAll || r.Op == syntax.AppAll {
			std.err = *target
		}
		return nil
	}
	return fmt.Errorf("%s: %w", r.Op, errUnsupported)
}

func (sh *shell) hereDocument(r *syntax.Redirect, std streams) (string, error) {
	if r.Hdoc == nil {
		return "", nil
	}
	text, err := expand.Document(sh.words(std), r.Hdoc)
	if r.Op == syntax.DashHdoc {
		lines := strings.Split(text, "\n")
		for i := range lines {
			lines[i] = strings.TrimLeft(lines[i], "\t")
		}
		text = strings.Join(lines, "\n")
	}
	return text, err
}

// fileWriter adds to a file.
type fileWriter struct {
	tree tree
	path string
}

func (w fileWriter) Write(p []byte) (int, error) {
	if err := w.tree.write(w.path, p, true); err != nil {
		return 0, err
	}
	return len(p), nil
}
