package main

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// commands is what runs a program in each language, with what it wants in its
// environment besides the host's own.
var commands = map[string]func(program) (*exec.Cmd, error){
	"go":     goCommand,
	"nodejs": nodeCommand,
	"python": pythonCommand,
}

func goCommand(program) (*exec.Cmd, error) {
	return exec.Command("go", "run", "."), nil
}

// nodeCommand is the SDK's own runner, which the real host starts, too. It stands
// where the program would find it.
func nodeCommand(p program) (*exec.Cmd, error) {
	for dir := p.Info.ProgramDirectory; ; dir = filepath.Dir(dir) {
		runner := filepath.Join(dir, "node_modules", "@pulumi", "pulumi", "cmd", "run")
		if _, err := os.Stat(runner); err == nil {
			cmd := exec.Command("node", runner,
				"--organization", p.Organization, "--project", p.Project, "--stack", p.Stack, "--root-directory", p.Info.RootDirectory,
				"--monitor", p.MonitorAddress, "--engine", p.engine, "--parallel", strconv.Itoa(int(p.Parallel)),
				"--dry-run="+strconv.FormatBool(p.DryRun), "--pwd", p.Info.ProgramDirectory, ".")
			cmd.Env = []string{"PULUMI_NODEJS_TYPESCRIPT=true"}
			return cmd, nil
		}
		if dir == filepath.Dir(dir) {
			return nil, fmt.Errorf("no folder above %s has node_modules with @pulumi/pulumi: run npm install", p.Info.ProgramDirectory)
		}
	}
}

//go:embed run.py
var runner string

func pythonCommand(program) (*exec.Cmd, error) {
	return exec.Command("python3", "-u", "-c", runner), nil
}
