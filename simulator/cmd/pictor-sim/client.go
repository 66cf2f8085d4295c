package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/control"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// controlClient speaks to the control API of a running simulator, and shows what
// it says.
type controlClient struct {
	flags   *pflag.FlagSet
	server  string
	key     string
	sandbox string
	output  *choice
}

// sandboxVariable selects a sandbox, as --sandbox does.
const sandboxVariable = "PICTOR_SIM_SANDBOX"

// controlKeyVariable lets one use a control API that has a key, as --control-key does.
const controlKeyVariable = "PICTOR_SIM_CONTROL_KEY"

// newControlCommand is a command that has others which speak to a running
// simulator, and the flags that those share.
func newControlCommand(use, short string) (*cobra.Command, *controlClient) {
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  cobra.NoArgs, // else a misspelt command would be taken for a question
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c := &controlClient{}
	c.register(cmd)
	return cmd, c
}

func (c *controlClient) register(cmd *cobra.Command) {
	f := cmd.PersistentFlags()
	c.flags = f
	f.StringVar(&c.server, "server", defaultAddr, "`address` of the simulator")
	setBy(f, "server", "PICTOR_SIM", "PICTOR_SIM_SERVER") // the first is exec's
	f.StringVar(&c.key, "control-key", "", "`key` of the control API, where it has one")
	f.StringVar(&c.sandbox, "sandbox", "", "`id` of the sandbox (default the oldest one)")
	setBy(f, "sandbox", sandboxVariable)
	c.output = addChoice(cmd, true, "output", "how to show what there is", "text", "json")
}

// show prints an answer as JSON, or as text.
func (c *controlClient) show(cmd *cobra.Command, answer any, text func(out io.Writer) error) error {
	if c.output.value == "json" {
		e := json.NewEncoder(cmd.OutOrStdout())
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(answer)
	}
	return text(cmd.OutOrStdout())
}

// patience is how long a simulator may take for what it does at once.
const patience = 10 * time.Second

// do sends a request that is answered at once. A nil answer is not looked at.
func (c *controlClient) do(ctx context.Context, method, path string, body, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return c.wait(ctx, method, path, body, answer)
}

// wait is do for what may take as long as it takes.
func (c *controlClient) wait(ctx context.Context, method, path string, body, answer any) error {
	resp, err := c.send(ctx, method, path, body, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if answer == nil {
		return nil
	}
	if raw, isRaw := answer.(*[]byte); isRaw {
		*raw, err = io.ReadAll(resp.Body)
		return err
	}
	return json.NewDecoder(resp.Body).Decode(answer)
}

// events hands the data of server-sent events over until they end, and returns
// the id of the last one.
func (c *controlClient) events(ctx context.Context, path, after string, each func(data []byte) error) (last string, err error) {
	resp, err := c.send(ctx, http.MethodGet, path, nil, http.Header{"Last-Event-ID": {after}})
	if err != nil {
		return after, err
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return after, nil // however it ended
		}
		if id, ok := bytes.CutPrefix(line, []byte("id: ")); ok {
			after = string(bytes.TrimSpace(id))
		}
		if data, ok := bytes.CutPrefix(line, []byte("data: ")); ok {
			if err := each(data); err != nil {
				return after, err
			}
		}
	}
}

// unreachableError says that nobody answered.
type unreachableError struct {
	server string
	err    error
}

func (e *unreachableError) Error() string {
	return fmt.Sprintf("no simulator answers at %s (start one with \"pictor-sim serve\", or name it with --server): %v", e.server, e.err)
}

func (e *unreachableError) Unwrap() error { return e.err }

// send is a request to the control API; an answer that refuses is an error. A
// body that is bytes travels as it is, any other as JSON.
func (c *controlClient) send(ctx context.Context, method, path string, body any, header http.Header) (*http.Response, error) {
	data, isRaw := body.([]byte)
	if body != nil && !isRaw {
		var err error
		if data, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	server := strings.TrimRight(c.server, "/")
	if !strings.Contains(server, "://") {
		server = "http://" + server
	}
	req, err := http.NewRequestWithContext(ctx, method, server+control.BasePath+path, bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s %s is not an address: %w", source(c.flags, "server"), c.server, err)
	}
	if c.sandbox != "" {
		query := req.URL.Query()
		query.Set("sandbox", c.sandbox)
		req.URL.RawQuery = query.Encode()
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", "application/json")
	if c.key != "" {
		req.Header.Set(control.KeyHeader, c.key)
	}
	resp, err := http.DefaultClient.Do(req)
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err // without the method and the address
	}
	if err != nil {
		return nil, &unreachableError{c.server, err}
	}
	if resp.StatusCode >= http.StatusBadRequest {
		defer resp.Body.Close()
		return nil, c.refusal(resp)
	}
	return resp, nil
}

func (c *controlClient) refusal(resp *http.Response) error {
	var refused struct {
		Message string        `json:"message"`
		Errors  engine.Fields `json:"errors"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&refused); err != nil || refused.Message == "" {
		return fmt.Errorf("%s answered %s: is it a pictor-sim?", c.server, resp.Status)
	}
	if resp.StatusCode == http.StatusUnauthorized && strings.Contains(refused.Message, control.KeyHeader) {
		return c.keyRefusal()
	}
	if len(refused.Errors) > 0 {
		return errors.New(refused.Errors.String())
	}
	return errors.New(refused.Message)
}

// keyRefusal says how the key of the control API is given on a command line: the
// simulator speaks of a header.
func (c *controlClient) keyRefusal() error {
	if c.key == "" {
		return fmt.Errorf("the control API of %s has a key of its own: give it with --control-key or in $"+controlKeyVariable, c.server)
	}
	return fmt.Errorf("the control API of %s refuses the key of %s: it takes only the --control-key that the simulator was started with",
		c.server, source(c.flags, "control-key"))
}
