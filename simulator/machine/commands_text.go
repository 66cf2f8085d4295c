package machine

import (
	"bufio"
	"bytes"
	"io"
	"regexp"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/expand"
)

// Commands that print and look through text.

func echo(c *call) int {
	end, escapes := "\n", false
options:
	for len(c.args) > 0 {
		switch c.args[0] {
		case "-n":
			end = ""
		case "-e":
			escapes = true
		case "-E":
			escapes = false
		default:
			break options
		}
		c.args = c.args[1:]
	}
	text := strings.Join(c.args, " ")
	if escapes {
		text, _, _ = expand.Format(c.words(c.streams), text, nil) // only formats can be wrong, and there are none
	}
	_, _ = io.WriteString(c.out, text+end) // c.out notes what fails
	return 0
}

// wide is a field so wide that it would fill the memory.
func wide(format string) bool {
	digits := 0
	for _, r := range format {
		if digits++; r < '0' || r > '9' {
			digits = 0
		}
		if digits > 3 {
			return true
		}
	}
	return false
}

func printf(c *call) int {
	if len(c.args) == 0 {
		return c.fail("usage: printf format [arguments]")
	}
	format, args := c.args[0], c.args[1:]
	if args == nil {
		args = []string{}
	}
	if wide(format) {
		return c.fail("%s: %v", format, errUnsupported)
	}
	for {
		if err := c.step(); err != nil {
			c.leaving = stop{err}
			return 1
		}
		text, used, err := expand.Format(c.words(c.streams), format, args)
		if err != nil {
			return c.fail("%v", err)
		}
		_, _ = io.WriteString(c.out, text) // c.out notes what fails
		if args = args[used:]; used == 0 || len(args) == 0 {
			return 0
		}
	}
}

// lines calls do with each line until it answers false. A line that is longer
// than any file ends the input.
func lines(in io.Reader, do func(line string) bool) {
	scanner := bufio.NewScanner(in)
	scanner.Buffer(nil, maxFile)
	for scanner.Scan() && do(scanner.Text()) {
		continue
	}
}

func grep(c *call) int {
	given, bad := c.flags("qvicEFn")
	if bad != "" || len(c.args) == 0 {
		c.fail("usage: grep [-qvicnEF] PATTERN [FILE…] %s", bad)
		return 2
	}
	expr := c.args[0]
	if given['F'] {
		expr = regexp.QuoteMeta(expr)
	}
	if given['i'] {
		expr = "(?i)" + expr
	}
	pattern, err := regexp.Compile(expr)
	if err != nil {
		c.fail("%s: not a pattern", c.args[0])
		return 2
	}
	found, number := 0, 0
	status := c.inputs(c.args[1:], func(_ string, in io.Reader) {
		lines(in, func(line string) bool {
			number++
			if pattern.MatchString(line) == given['v'] {
				return c.wrong == nil
			}
			found++
			switch {
			case given['n'] && !given['q'] && !given['c']:
				c.printf("%d:%s\n", number, line)
			case !given['q'] && !given['c']:
				c.printf("%s\n", line)
			}
			return c.wrong == nil && !given['q']
		})
	})
	if given['c'] {
		c.printf("%d\n", found)
	}
	if status != 0 {
		return 2
	}
	return truth(found > 0)
}

// part is head and tail.
func part(c *call) int {
	n := 10
	if len(c.args) > 0 && strings.HasPrefix(c.args[0], "-") && c.args[0] != "-" {
		arg := strings.TrimPrefix(c.args[0][1:], "n")
		c.args = c.args[1:]
		if arg == "" && len(c.args) > 0 {
			arg, c.args = c.args[0], c.args[1:]
		}
		var err error
		if n, err = strconv.Atoi(arg); err != nil || n < 0 {
			return c.fail("invalid number of lines: '%s'", arg)
		}
	}
	return c.inputs(c.args, func(_ string, in io.Reader) {
		if c.name == "head" {
			left := n
			if left > 0 {
				lines(in, func(line string) bool {
					c.printf("%s\n", line)
					left--
					return left > 0 && c.wrong == nil
				})
			}
			return
		}
		data, _ := io.ReadAll(io.LimitReader(in, maxFiles)) // an input that breaks off has ended
		all := bytes.SplitAfter(data, []byte("\n"))
		if len(all) > 0 && len(all[len(all)-1]) == 0 {
			all = all[:len(all)-1]
		}
		_, _ = c.out.Write(bytes.Join(all[max(len(all)-n, 0):], nil)) // c.out notes what fails
	})
}

func wc(c *call) int {
	given, bad := c.flags("lwc")
	if bad != "" {
		return c.fail("invalid option %s", bad)
	}
	return c.inputs(c.args, func(name string, in io.Reader) {
		count := map[rune]int{}
		between := true // words
		for reader := bufio.NewReader(in); ; {
			b, err := reader.ReadByte()
			if err != nil {
				break
			}
			count['c']++
			if b == '\n' {
				count['l']++
			}
			space := strings.IndexByte(" \t\r\n\v\f", b) >= 0
			if between && !space {
				count['w']++
			}
			between = space
		}
		var shown []string
		for _, what := range "lwc" {
			if given[what] || len(given) == 0 {
				shown = append(shown, strconv.Itoa(count[what]))
			}
		}
		if name != "-" {
			shown = append(shown, name)
		}
		c.printf("%s\n", strings.Join(shown, " "))
	})
}
