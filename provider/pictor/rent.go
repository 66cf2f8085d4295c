package pictor

import (
	"context"
	"fmt"
	"time"
	"unicode"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
)

// confirmTime bounds the read of what a rental was answered with.
const confirmTime = 30 * time.Second

// CreateInstance rents an instance and pays for the whole rental period.
// The token is the Idempotency-Key: one for each rental that is wanted, the
// same when it is tried again. The name will not do: a service that honors
// tokens answers a second rental under a name, long after the first instance
// was deleted, with the old answer.
//
// It is sent again only if it certainly was not acted upon (see the package's
// documentation). After [CodeAmbiguous] look the name up, and do not take it
// for certain if it is not there yet. After any other code nothing was rented:
// [CodeInsufficientCredits], [CodeNoCapacity], [CodeValidation] with fields.
func (c *Client) CreateInstance(ctx context.Context, spec InstanceCreate, idempotency string) (Instance, error) {
	call := call{operation: fmt.Sprintf("rent instance %q", spec.Name), once: true}
	if spec.Password != nil {
		c.Hide(*spec.Password)
	}
	if err := token(call, "name", spec.Name); err != nil {
		return Instance{}, err
	}
	if err := token(call, "token", idempotency); err != nil {
		return Instance{}, err
	}
	request, err := wire.NewCreateInstanceRequest(c.server, &wire.CreateInstanceParams{IdempotencyKey: &idempotency}, spec)
	inst, err := object(ctx, c, call, isInstance, request, err)
	if err == nil && inst.Name != spec.Name {
		return c.confirmRental(ctx, call, inst.Id)
	}
	return inst, err
}

// confirmRental reads what a rental was answered with, when that does not have
// the name: it is a part of the instance, or has its name in another spelling, or
// is something else, such as a job. Then it is not known what became of the rental.
func (c *Client) confirmRental(ctx context.Context, call call, id ID) (Instance, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), confirmTime)
	defer cancel()
	inst, err := c.GetInstance(ctx, id)
	if err != nil {
		return Instance{}, &Error{
			Code: CodeAmbiguous, Operation: call.operation, Err: err,
			Message: fmt.Sprintf("the answer is about %q, which cannot be read as an instance", string(id)),
		}
	}
	return inst, nil
}

// ExtendInstance adds whole hours to a rental and pays for them. The token is
// the Idempotency-Key: one for each extension that is wanted, the same when it
// is tried again.
//
// It is sent again only if it certainly was not acted upon. After
// [CodeAmbiguous] compare the instance's ExtendedHours with those before.
func (c *Client) ExtendInstance(ctx context.Context, id ID, hours int, idempotency string) (Instance, error) {
	call := call{operation: fmt.Sprintf("extend instance %s by %d h", id, hours), once: true}
	if err := usable(call, id); err != nil {
		return Instance{}, err
	}
	if err := token(call, "token", idempotency); err != nil {
		return Instance{}, err
	}
	request, err := wire.NewExtendInstanceRequest(c.server, string(id),
		&wire.ExtendInstanceParams{IdempotencyKey: &idempotency}, wire.InstanceExtend{Hours: hours})
	whole := func(i Instance) bool { return sameID(i.Id, id) && i.Name != "" } // a part would not tell the hours
	return object(ctx, c, call, whole, request, err)
}

// token refuses what cannot be an Idempotency-Key, before anything is sent.
func token(call call, field, value string) error {
	for _, r := range value {
		if unicode.IsControl(r) {
			value = ""
		}
	}
	if value == "" || len(value) > 255 {
		return &Error{
			Code: CodeValidation, Operation: call.operation, Message: "not sent",
			Fields: map[string][]string{field: {"must have 1 to 255 bytes and no control characters"}},
		}
	}
	return nil
}
