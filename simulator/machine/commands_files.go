package machine

import (
	"bytes"
	"io"
)

// Commands that read and change files.

// inputs calls do with each file that is named, or else with the standard input.
func (c *call) inputs(names []string, do func(name string, in io.Reader)) (status int) {
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, name := range names {
		if name == "-" {
			do(name, c.in)
			continue
		}
		data, err := c.tree().read(c.path(name))
		if err != nil {
			status = c.fail("%s: %v", name, err)
			continue
		}
		do(name, bytes.NewReader(data))
	}
	return status
}

func cat(c *call) int {
	if _, bad := c.flags("u"); bad != "" {
		return c.fail("invalid option %s", bad)
	}
	return c.inputs(c.args, func(_ string, in io.Reader) {
		_, _ = io.Copy(c.out, in) // c.out notes what fails; an input that breaks off has ended
	})
}

func ls(c *call) int {
	given, bad := c.flags("la1Ah")
	if bad != "" {
		return c.fail("invalid option %s", bad)
	}
	names, status := c.args, 0
	if len(names) == 0 {
		names = []string{"."}
	}
	show := func(e entry) {
		if given['l'] {
			c.printf("%s 1 root root %8d %s ", info{e}.Mode(), len(e.data), e.changed.UTC().Format("Jan _2 15:04"))
		}
		c.printf("%s\n", e.name)
	}
	for i, name := range names {
		e, err := c.tree().find(c.path(name))
		if err != nil {
			c.fail("cannot access '%s': %v", name, err)
			status = 2
			continue
		}
		if !e.dir {
			e.name = name
			show(e)
			continue
		}
		if len(names) > 1 {
			if i > 0 {
				c.printf("\n")
			}
			c.printf("%s:\n", name)
		}
		list, _ := c.tree().list(c.path(name)) // it is there
		for _, e := range list {
			if e.name[0] != '.' || given['a'] || given['A'] {
				show(e)
			}
		}
	}
	return status
}

func mkdir(c *call) int {
	given, bad := c.flags("p")
	if bad != "" {
		return c.fail("invalid option %s", bad)
	}
	status := 0
	for _, name := range c.args {
		if err := c.tree().makeDir(c.path(name), given['p']); err != nil {
			status = c.fail("cannot create directory '%s': %v", name, err)
		}
	}
	return status
}

func rm(c *call) int {
	given, bad := c.flags("rRf")
	if bad != "" {
		return c.fail("invalid option %s", bad)
	}
	status := 0
	for _, name := range c.args {
		err := c.tree().remove(c.path(name), given['r'] || given['R'])
		if err != nil && (err != errMissing || !given['f']) {
			status = c.fail("cannot remove '%s': %v", name, err)
		}
	}
	return status
}

func touch(c *call) int {
	status := 0
	for _, name := range c.args {
		if err := c.tree().write(c.path(name), nil, true); err != nil {
			status = c.fail("cannot touch '%s': %v", name, err)
		}
	}
	return status
}
