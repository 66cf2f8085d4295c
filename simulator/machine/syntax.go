package machine

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

var errUnsupported = errors.New("the simulated machine's shell does not have this")

// parse reads a program.
func parse(text string) (*syntax.File, error) {
	if len(text) > maxSource {
		return nil, fmt.Errorf("the simulated machine takes programs of at most %d bytes", maxSource)
	}
	file, err := syntax.NewParser().Parse(strings.NewReader(text), "")
	if err != nil {
		return nil, fmt.Errorf("syntax error: %w", err)
	}
	return file, nil
}

// incomplete tells whether a text is the beginning of a program that goes on.
func incomplete(text string) bool {
	if len(text) > maxSource {
		return false
	}
	_, err := syntax.NewParser().Parse(strings.NewReader(text), "")
	return syntax.IsIncomplete(err)
}

// refuse names what a program has that this shell does not: what would reach
// beyond the machine, cannot be bounded, or is not needed for what a simulated
// machine is for.
func refuse(file *syntax.File) (err error) {
	no := func(node syntax.Node, what string) {
		if err == nil {
			err = fmt.Errorf("line %d: %s: %w", node.Pos().Line(), what, errUnsupported)
		}
	}
	syntax.Walk(file, func(node syntax.Node) bool {
		switch node := node.(type) {
		case *syntax.Stmt:
			if node.Background || node.Coprocess || node.Disown {
				no(node, "background job")
			}
		case *syntax.ProcSubst:
			no(node, "process substitution")
		case *syntax.FuncDecl:
			no(node, "function")
		case *syntax.ArrayExpr:
			no(node, "array")
		case *syntax.ExtGlob:
			no(node, "extended pattern")
		case *syntax.TestClause:
			no(node, "[[")
		case *syntax.LetClause:
			no(node, "let")
		case *syntax.CoprocClause, *syntax.TestDecl:
			no(node, "coprocess")
		case *syntax.TimeClause:
			if node.Stmt == nil {
				no(node, "time without a command")
			}
		case *syntax.Assign:
			if node.Index != nil {
				no(node, "array")
			}
		case *syntax.ForClause:
			if iter, ok := node.Loop.(*syntax.WordIter); !ok || node.Select || !iter.InPos.IsValid() {
				no(node, "this kind of for")
			}
		case *syntax.ParamExp:
			if node.Param == nil || node.Index != nil || node.Excl || node.Names != 0 || node.Repl != nil || node.Width || node.IsSet ||
				node.NestedParam != nil || node.Exp != nil && node.Exp.Op == syntax.OtherParamOps {
				no(node, "this kind of ${}")
			}
		case *syntax.Word:
			if parted := *node; syntax.SplitBraces(&parted) {
				no(node, "brace expansion")
			}
		}
		return err == nil
	})
	return err
}

// match is a regular expression's; one that cannot be used matches nothing.
func match(expr, text string) bool {
	compiled, err := regexp.Compile(expr)
	return err == nil && compiled.MatchString(text)
}
