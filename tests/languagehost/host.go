package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// host runs the programs of one language. What it does not implement the engine
// takes for an older host's lack, and does without.
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	command func(program) (*exec.Cmd, error)
	engine  string
}

// program is one run of a user's program.
type program struct {
	*pulumirpc.RunRequest
	engine string
}

// GetRequiredPackages names none: the engine asks for a plugin when the program
// registers its first resource.
func (*host) GetRequiredPackages(context.Context, *pulumirpc.GetRequiredPackagesRequest) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// GetPluginInfo has no version, as a stand-in has none.
func (*host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{}, nil
}

// Run runs the program to its end. What it prints goes where the host's own
// output goes, which is the user's.
func (h *host) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	p := program{RunRequest: req, engine: h.engine}
	cmd, err := h.command(p)
	if err != nil {
		return nil, err
	}
	cmd.Dir = req.Info.ProgramDirectory
	env, err := p.environment()
	if err != nil {
		return nil, err
	}
	cmd.Env = append(env, cmd.Env...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("the program cannot be started: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	err = cmd.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the program ended with %s", exit)}, nil
	}
	return &pulumirpc.RunResponse{}, err
}

// environment is what an SDK reads about the run.
func (p program) environment() ([]string, error) {
	if p.Config == nil {
		p.Config = map[string]string{} // an SDK expects an object
	}
	config, err := json.Marshal(p.Config)
	if err != nil {
		return nil, err
	}
	secrets, err := json.Marshal(p.ConfigSecretKeys)
	if err != nil {
		return nil, err
	}
	return append(os.Environ(),
		"PULUMI_ORGANIZATION="+p.Organization,
		"PULUMI_PROJECT="+p.Project,
		"PULUMI_ROOT_DIRECTORY="+p.Info.RootDirectory,
		"PULUMI_STACK="+p.Stack,
		"PULUMI_CONFIG="+string(config),
		"PULUMI_CONFIG_SECRET_KEYS="+string(secrets),
		"PULUMI_DRY_RUN="+strconv.FormatBool(p.DryRun),
		"PULUMI_PARALLEL="+strconv.Itoa(int(p.Parallel)),
		"PULUMI_MONITOR="+p.MonitorAddress,
		"PULUMI_ENGINE="+p.engine,
	), nil
}
