// Command pictor-sim imitates Pictor's REST API for GPU Renting, with fake GPU
// machines: nothing is rented and nothing is paid.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// version is stamped by the build; without a stamp it is the module's.
var version = ""

func main() {
	spareCollector()
	err := root().ExecuteContext(context.Background())
	var exit *exec.ExitError
	var status *statusError
	switch {
	case err == nil:
	case errors.As(err, &exit):
		os.Exit(exitStatus(exit))
	case errors.As(err, &status):
		fmt.Fprintln(os.Stderr, "pictor-sim:", err)
		os.Exit(status.status)
	default:
		fmt.Fprintln(os.Stderr, "pictor-sim:", err)
		os.Exit(1)
	}
}

const about = `pictor-sim imitates Pictor's REST API with fake GPU machines, so that programs
can be tried and tested offline. Nothing is rented and nothing is paid.

A tour: https://github.com/pulumi-pictor/pulumi-pictor/blob/main/docs/simulator.md
Every flag can be set by an environment variable, too; the help of each names it.`

const beginWith = `  pictor-sim exec -- pulumi up --yes   a simulator for one command, and the bill at its end
  pictor-sim exec -- sh                the same for a shell, to look around in
  pictor-sim serve                     one that stays, and prints the two variables to set`

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "pictor-sim",
		Short:         "A simulator of Pictor's REST API for GPU Renting",
		Long:          about,
		Example:       beginWith,
		Version:       buildVersion(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	add := func(group *cobra.Group, commands ...*cobra.Command) {
		cmd.AddGroup(group)
		for _, c := range commands {
			c.GroupID = group.ID
			cmd.AddCommand(c)
		}
	}
	add(&cobra.Group{ID: "start", Title: "Start a simulator:"}, execCommand(), serveCommand())
	add(&cobra.Group{ID: "steer", Title: "Look at one that runs, and steer it:"}, billCommand(), clockCommand(), creditsCommand(),
		faultCommand(), keyCommand(), requestsCommand(), sandboxCommand(), snapshotCommand())
	add(&cobra.Group{ID: "compare", Title: "Compare it with Pictor:"}, contractCommand())
	cmd.InitDefaultHelpCmd()
	cmd.InitDefaultCompletionCmd()
	bindEnvironment(cmd)
	return cmd
}

func buildVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return "dev"
}
