package engine

import (
	"bytes"
	"crypto/sha256"
	"time"

	"github.com/tidwall/btree"
)

// Answer is what a command with an idempotency key returned. It is kept as the
// command made it, whatever became of it on the way to the caller.
type Answer struct {
	Number   int64     `json:"number"` // place in the order of answers
	Key      string    `json:"key"`
	Request  []byte    `json:"request"` // SHA-256 of what was asked for
	At       time.Time `json:"at"`
	Instance Instance  `json:"instance"`
}

// answersKept is how long an answer is kept, in the sandbox's time: a day, as
// services that document it do.
const answersKept = 24 * time.Hour

type answers struct {
	byKey  *btree.Map[string, *Answer]
	oldest *btree.Map[int64, *Answer] // first
	count  int64
}

func newAnswers() answers {
	return answers{byKey: btree.NewMap[string, *Answer](0), oldest: btree.NewMap[int64, *Answer](0)}
}

func (a answers) copy() answers {
	a.byKey, a.oldest = a.byKey.Copy(), a.oldest.Copy()
	return a
}

func (a *answers) add(answer *Answer) {
	a.count = max(a.count, answer.Number)
	a.byKey.Set(answer.Key, answer)
	a.oldest.Set(answer.Number, answer)
}

// forget drops the answers that are too old.
func (w *World) forget() {
	for {
		number, oldest, ok := w.answers.oldest.Min()
		if !ok || w.now.Sub(oldest.At) < answersKept {
			return
		}
		w.answers.oldest.Delete(number)
		w.answers.byKey.Delete(oldest.Key)
		w.changed.answer(number)
	}
}

// once carries a command out, unless the same request with the same key has
// been carried out before: then it returns that answer. Refusals are not kept,
// so that a request can be sent again when their reason is gone. The fingerprint
// tells one request from another.
func (w *World) once(key string, fingerprint func([]byte) []byte, command func() (*Instance, error)) (Instance, error) {
	keep := key != "" && !w.policy.IgnoreIdempotencyKeys
	var request []byte
	if keep {
		w.forget()
		hash := sha256.Sum256(fingerprint(make([]byte, 0, 256)))
		request = hash[:]
		if a, ok := w.answers.byKey.Get(key); ok {
			if !bytes.Equal(a.Request, request) {
				return Instance{}, &Error{Code: CodeValidation, Fields: Fields{
					"Idempotency-Key": {"was used for another request already"},
				}}
			}
			return a.Instance, nil
		}
	}
	inst, err := command()
	if err != nil {
		return Instance{}, err
	}
	if keep {
		w.answers.add(&Answer{Number: w.answers.count + 1, Key: key, Request: request, At: w.now, Instance: *inst})
		w.changed.answer(w.answers.count)
	}
	return *inst, nil
}
