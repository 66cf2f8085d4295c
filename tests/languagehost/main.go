// Command languagehost stands in for Pulumi's language hosts of Go, Node.js and
// Python on a machine that has none of them: Pulumi's releases ship them, but
// they are no Go modules. It is built under the name of the one it stands in for,
// such as pulumi-language-go, and found on the PATH as that is. It can run a
// program whose dependencies are installed, and no more.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", filepath.Base(os.Args[0]), err)
		os.Exit(1)
	}
}

// serve answers the engine until it ends this process. The engine's own address
// is the last argument, and it reads ours from the first line of the output.
func serve() error {
	name := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	command, ok := commands[strings.TrimPrefix(name, "pulumi-language-")]
	if !ok {
		return fmt.Errorf("there is no language of this name; name the file pulumi-language-go, -nodejs or -python")
	}
	if len(os.Args) < 2 {
		return fmt.Errorf("pulumi starts it, with the address of its engine")
	}
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{Init: func(server *grpc.Server) error {
		pulumirpc.RegisterLanguageRuntimeServer(server, &host{command: command, engine: os.Args[len(os.Args)-1]})
		return nil
	}})
	if err != nil {
		return err
	}
	fmt.Println(handle.Port)
	return <-handle.Done
}
