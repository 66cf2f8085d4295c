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

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "pictor-sim",
		Short:         "A simulator of Pictor's REST API for GPU Renting",
		Long:          "pictor-sim imitates Pictor's REST API with fake GPU machines, so that programs\ncan be tried and tested offline. Nothing is rented and nothing is paid.\n\nEvery flag can be set by an environment variable, too; the help of each names it.",
		Version:       buildVersion(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	cmd.AddCommand(serveCommand(), execCommand(), sandboxCommand(), keyCommand(), clockCommand(), requestsCommand(),
		snapshotCommand(), creditsCommand(), billCommand(), faultCommand(), contractCommand())
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
		return info.Main.Version
	}
	return "dev"
}
