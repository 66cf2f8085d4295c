package engine

import (
	"crypto/sha256"
	"fmt"
)

// answer is what a command with an idempotency key returned. It is kept as the
// command made it, whatever became of it on the way to the caller.
type answer struct {
	request  [sha256.Size]byte
	instance Instance
}

// once carries a command out, unless the same request with the same key has
// been carried out before: then it returns that answer. Refusals are not kept,
// so that a request can be sent again when their reason is gone.
func (w *World) once(key string, request any, command func() (*Instance, error)) (Instance, error) {
	keep := key != "" && !w.policy.IgnoreIdempotencyKeys
	hash := sha256.Sum256(fmt.Appendf(nil, "%T%+v", request, request))
	if keep {
		if a, ok := w.answers[key]; ok {
			if a.request != hash {
				return Instance{}, &Error{Code: CodeValidation, Fields: Fields{
					"Idempotency-Key": {"was used for another request already"},
				}}
			}
			return a.instance, nil
		}
	}
	inst, err := command()
	if err != nil {
		return Instance{}, err
	}
	if keep {
		w.answers[key] = answer{request: hash, instance: *inst}
	}
	return *inst, nil
}
