package api

import (
	"context"
	"fmt"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
)

// loginHost is where the fake machines are that one can log in to.
const loginHost = "127.0.0.1"

// showLogin puts where a machine can really be logged in to in the place of the
// address that the world has for it, if machines are switched on and the answer
// is about the machine as it is now. It must not be called from within a view.
func showLogin(ctx context.Context, out *wire.Instance) {
	c := from(ctx)
	if c.machines == nil {
		return
	}
	// Asked also of one that does not run: then its port is closed.
	port, address, ok := c.machines.Login(c.Sandbox, string(out.Id))
	if at := out.Connection; ok && at != nil && at.Host == address {
		out.Connection = &wire.Connection{
			Protocol: at.Protocol, Host: loginHost, Port: port, Username: at.Username,
			Command: fmt.Sprintf("ssh -p %d %s@%s", port, at.Username, loginHost),
		}
	}
}
