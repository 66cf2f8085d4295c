package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"pictor-sim": main})
}

// Each story in testdata/script runs in a directory of its own. Besides
// testscript's own commands it may say:
//
//	await FILE             wait until the file is there
//	ready FILE             the same for a ready file; then $ENDPOINT, $SERVER and $KEY are set
//	get URL STATUS [KEY]   send a request; its answer is in stdout
//	blocks DOC FILE        write the sh blocks of a page of docs/ into a file
//	takeport               set $TAKEN to an address that another program listens on
//
// The condition [required] holds where nothing may be skipped: REQUIRE_ALL=1.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			// Else a command under the race detector waits a second at its end.
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			env.Setenv("PICTOR_API_KEY", "")
			env.Setenv("PICTOR_SIM", "")
			env.Setenv("PICTOR_SIM_CHECK_ANSWERS", "true")
			return nil
		},
		Condition: func(condition string) (bool, error) {
			if condition == "required" {
				return os.Getenv("REQUIRE_ALL") == "1", nil
			}
			return false, fmt.Errorf("no condition is called %q", condition)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"await": func(ts *testscript.TestScript, _ bool, args []string) { await(ts, args[0]) },
			"ready": func(ts *testscript.TestScript, _ bool, args []string) {
				var r readiness
				ts.Check(json.Unmarshal(await(ts, args[0]), &r))
				ts.Setenv("ENDPOINT", r.Endpoint)
				ts.Setenv("SERVER", strings.TrimSuffix(r.Endpoint, "/api"))
				ts.Setenv("KEY", r.APIKey)
			},
			"get":      get,
			"takeport": takePort,
			"blocks":   blocks,
		},
	})
}

// await reads a file as soon as it is there. It gives a process that is starting
// a minute, on however busy a machine.
func await(ts *testscript.TestScript, name string) []byte {
	const patience, glance = time.Minute, 5 * time.Millisecond
	for range patience / glance {
		if data, err := os.ReadFile(ts.MkAbs(name)); err == nil {
			return data
		}
		time.Sleep(glance)
	}
	ts.Fatalf("%s is not there after %s", name, patience)
	return nil
}

func get(ts *testscript.TestScript, neg bool, args []string) {
	req, err := http.NewRequest(http.MethodGet, args[0], nil)
	ts.Check(err)
	if len(args) > 2 {
		req.Header.Set("Authorization", "Bearer "+args[2])
	}
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if neg {
		if err == nil {
			ts.Fatalf("%s answers %s", args[0], resp.Status)
		}
		return
	}
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	if !strings.HasPrefix(resp.Status, args[1]) {
		ts.Fatalf("%s answers %s %s, want %s", args[0], resp.Status, body, args[1])
	}
	_, err = ts.Stdout().Write(body)
	ts.Check(err)
}

func takePort(ts *testscript.TestScript, _ bool, _ []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { listener.Close() })
	ts.Setenv("TAKEN", listener.Addr().String())
}

// blocks makes one script of what a page of the documentation tells to type.
func blocks(ts *testscript.TestScript, _ bool, args []string) {
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", args[0]))
	ts.Check(err)
	var script strings.Builder
	for _, part := range strings.Split(string(page), "\n```sh\n")[1:] {
		block, _, closed := strings.Cut(part, "\n```\n")
		if !closed {
			ts.Fatalf("a block of %s does not end", args[0])
		}
		script.WriteString(block + "\n")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(script.String()), 0o600))
}
