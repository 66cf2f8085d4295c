package pictor

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
)

// InstanceFilter narrows the list of instances. A zero field matches everything.
type InstanceFilter struct {
	Name   string         // exactly this name
	Status InstanceStatus // this status, however it is spelled (see [NormalStatus])
}

// ListInstances gives every instance that matches, in whatever status, from all
// pages. The list is whole or an error: one that changed while it was read is
// read again. The filter is applied here too, because a service may ignore it;
// that of a status only here, because a service may have other words for it.
func (c *Client) ListInstances(ctx context.Context, filter InstanceFilter) ([]Instance, error) {
	return c.listInstances(ctx, "list instances", filter)
}

func (c *Client) listInstances(ctx context.Context, operation string, filter InstanceFilter) ([]Instance, error) {
	instances, err := c.instanceListing(operation, filter).all(ctx, c)
	return slices.DeleteFunc(instances, func(i Instance) bool {
		return filter.Name != "" && i.Name != filter.Name ||
			filter.Status != "" && NormalStatus(i.Status) != NormalStatus(filter.Status)
	}), err
}

func (c *Client) instanceListing(operation string, filter InstanceFilter) listing[Instance] {
	params := &wire.ListInstancesParams{
		Name: given(filter.Name), PerPage: given(perPage),
	}
	return listing[Instance]{
		call:  call{operation: operation},
		id:    func(i Instance) ID { return i.Id },
		exact: true,
		build: func(page int) (*http.Request, error) {
			params.Page = &page
			return wire.NewListInstancesRequest(c.server, params)
		},
	}
}

// InstanceSurvey is the list of instances as one reading of its pages shows it.
type InstanceSurvey struct {
	Instances []Instance
	// Pages is how many requests it took.
	Pages int
	// Whole says that nothing changed while it was read: only then what it does
	// not have is not there.
	Whole bool
}

// SurveyInstances reads the list of all instances once, and says how far it can
// be relied on. [Client.ListInstances] reads one that changes again.
func (c *Client) SurveyInstances(ctx context.Context) (InstanceSurvey, error) {
	w, err := c.instanceListing("list instances", InstanceFilter{}).walk(ctx, c)
	return InstanceSurvey{Instances: w.items, Pages: w.pages, Whole: w.settled}, err
}

// GetInstance gives the present state of an instance. Once it is completely
// deleted: [CodeNotFound].
func (c *Client) GetInstance(ctx context.Context, id ID) (Instance, error) {
	call := call{operation: "read instance " + string(id)}
	if err := usable(call, id); err != nil {
		return Instance{}, err
	}
	request, err := wire.NewGetInstanceRequest(c.server, string(id))
	return object(ctx, c, call, func(i Instance) bool { return sameID(i.Id, id) }, request, err)
}

// FindInstance gives the instance with exactly this name, in whatever status,
// or nil if there is none. That there is none proves nothing about a request
// that may still be acted upon. [CodeDuplicate] if several have the name.
func (c *Client) FindInstance(ctx context.Context, name string) (*Instance, error) {
	operation := fmt.Sprintf("find instance %q", name)
	if name == "" {
		return nil, &Error{Code: CodeValidation, Operation: operation, Message: "the name is empty"}
	}
	found, err := c.listInstances(ctx, operation, InstanceFilter{Name: name})
	switch {
	case err != nil || len(found) == 0:
		return nil, err
	case len(found) > 1:
		return nil, &Error{
			Code: CodeDuplicate, Operation: operation,
			Message: fmt.Sprintf("%d instances have this name, among them %s and %s", len(found), found[0].Id, found[1].Id),
		}
	}
	return &found[0], nil
}

// RenameInstance gives an instance another name.
func (c *Client) RenameInstance(ctx context.Context, id ID, name string) (Instance, error) {
	call := call{operation: fmt.Sprintf("rename instance %s to %q", id, name)}
	return c.change(ctx, call, id, func() (*http.Request, error) {
		return wire.NewUpdateInstanceRequest(c.server, string(id), wire.InstanceUpdate{Name: &name})
	})
}

// StopInstance stops a running instance. The answer may still be stopping.
//
// A lost answer is asked for again, and a stop that had already worked is then
// [CodeWrongState], as is a stop in a wrong state: read the instance to tell.
func (c *Client) StopInstance(ctx context.Context, id ID) (Instance, error) {
	call := call{operation: "stop instance " + string(id)}
	return c.change(ctx, call, id, func() (*http.Request, error) {
		return wire.NewStopInstanceRequest(c.server, string(id))
	})
}

// StartInstance starts a stopped instance; its address may be another one
// afterwards. [CodeWrongState] as for [Client.StopInstance].
func (c *Client) StartInstance(ctx context.Context, id ID) (Instance, error) {
	call := call{operation: "start instance " + string(id)}
	return c.change(ctx, call, id, func() (*http.Request, error) {
		return wire.NewStartInstanceRequest(c.server, string(id))
	})
}

// SetAutoRenew says whether the rental renews itself at its end.
func (c *Client) SetAutoRenew(ctx context.Context, id ID, enabled bool) (Instance, error) {
	call := call{operation: fmt.Sprintf("set auto-renew of instance %s to %t", id, enabled)}
	return c.change(ctx, call, id, func() (*http.Request, error) {
		return wire.NewSetAutoRenewRequest(c.server, string(id), wire.AutoRenew{Enabled: enabled})
	})
}

// SetInstanceSshKeys replaces the whole set of keys that a Linux instance lets in.
func (c *Client) SetInstanceSshKeys(ctx context.Context, id ID, keys []ID) (Instance, error) {
	call := call{operation: "set the SSH keys of instance " + string(id)}
	return c.change(ctx, call, id, func() (*http.Request, error) {
		// Never nil: the contract wants a list, also an empty one.
		return wire.NewSetInstanceSshKeysRequest(c.server, string(id), wire.InstanceSshKeys{SshKeyIds: append([]ID{}, keys...)})
	})
}

// DeleteInstance destroys an instance and its storage. Storage fees end only
// when it is gone; until then it can be read as deleting. [CodeNotFound] if it
// is gone already, or if a first request was acted upon and its answer lost.
func (c *Client) DeleteInstance(ctx context.Context, id ID) error {
	call := call{operation: "delete instance " + string(id)}
	if err := usable(call, id); err != nil {
		return err
	}
	request, err := wire.NewDeleteInstanceRequest(c.server, string(id))
	return c.exchange(ctx, call, request, err)
}

// change carries out a call that sets a state and is answered with the instance.
func (c *Client) change(ctx context.Context, call call, id ID, build func() (*http.Request, error)) (Instance, error) {
	if err := usable(call, id); err != nil {
		return Instance{}, err
	}
	request, err := build()
	changed, err := changedObject[Instance](ctx, c, call, request, err)
	if err == nil && (!sameID(changed.Id, id) || changed.Name == "" || changed.Status == "") {
		return c.GetInstance(ctx, id) // the answer was a part of the instance, or something else, such as a job
	}
	return changed, err
}

func isInstance(i Instance) bool { return i.Id != "" }

// sameID tells whether an answer is about what was asked for. A service may
// answer with something else that has an id, such as a job; taken for the
// instance's, the machine would never be found again.
func sameID(answered, asked ID) bool { return strings.EqualFold(string(answered), string(asked)) }

// usable refuses an id that would lead to another path than its own: without
// this, deleting "" would go to the list and ".." above it.
func usable(call call, id ID) error {
	if id == "" || id == "." || id == ".." {
		return &Error{Code: CodeValidation, Operation: call.operation, Message: fmt.Sprintf("%q is not an id", string(id))}
	}
	return nil
}
