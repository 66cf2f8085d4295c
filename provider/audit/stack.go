package audit

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const instanceToken = "pictor:index:Instance"

// provisional is what a provisional id begins with, before the name.
const provisional = "name:"

// Claim is an Instance of a stack's state, or one that a run was about to create.
type Claim struct {
	URN  resource.URN
	ID   string // Pictor's, "" while it is not known
	Name string // "" if the state keeps it secret
	// Account is the one that rents it; "" for what was about to be created.
	Account string
}

// Stack is what a stack's state says of its Instances.
type Stack struct {
	// Claims are the instances of the state, also those that a replacement has
	// still to delete.
	Claims []Claim
	// Pending are those that a run was about to create when it was killed.
	Pending []Claim
}

// Read reads what "pulumi stack export" writes. Encrypted secrets are not needed.
func Read(r io.Reader) (Stack, error) {
	var export apitype.UntypedDeployment
	if err := json.NewDecoder(r).Decode(&export); err != nil {
		return Stack{}, fmt.Errorf("this is not what \"pulumi stack export\" writes: %w", err)
	}
	if export.Version != 3 && export.Version != 4 {
		return Stack{}, fmt.Errorf("the stack export has version %d; 3 and 4 can be read", export.Version)
	}
	var deployment apitype.DeploymentV3
	if err := json.Unmarshal(export.Deployment, &deployment); err != nil {
		return Stack{}, fmt.Errorf("the deployment of the stack export cannot be read: %w", err)
	}
	var s Stack
	for _, res := range deployment.Resources {
		if res.Type == instanceToken && !res.External { // what a program only looks at it does not have
			s.Claims = append(s.Claims, claimOf(res))
		}
	}
	for _, op := range deployment.PendingOperations {
		if op.Resource.Type == instanceToken && op.Type == apitype.OperationTypeCreating {
			s.Pending = append(s.Pending, claimOf(op.Resource))
		}
	}
	return s, nil
}

func claimOf(res apitype.ResourceV3) Claim {
	text := func(of map[string]any, key string) string { s, _ := of[key].(string); return s }
	c := Claim{URN: res.URN, ID: string(res.ID), Name: text(res.Outputs, "name"), Account: text(res.Outputs, "accountId")}
	if c.Name == "" {
		c.Name = text(res.Inputs, "name")
	}
	if name, unknown := strings.CutPrefix(c.ID, provisional); unknown {
		c.ID, c.Name = text(res.Outputs, "instanceId"), name
	}
	return c
}
