package provider

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi-go-provider/infer"
)

// ask answers a function with the session of the provider that serves it.
func ask[R any](ctx context.Context, question func(*session) (R, error)) (infer.FunctionResponse[R], error) {
	s, err := sessionOf(ctx)
	if err != nil {
		return infer.FunctionResponse[R]{}, err
	}
	answer, err := question(s)
	if err != nil {
		return infer.FunctionResponse[R]{}, err
	}
	return infer.FunctionResponse[R]{Output: answer}, nil
}

func badArgument(name string, err error) error { return fmt.Errorf("%s: %w", name, err) }

// each converts every element of a list; the result is never nil, so that a
// program sees an empty list and not none.
func each[A, B any](list []A, convert func(A) B) []B {
	out := make([]B, len(list))
	for i, a := range list {
		out[i] = convert(a)
	}
	return out
}
