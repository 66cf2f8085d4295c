package wait_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
	"github.com/pulumi-pictor/pulumi-pictor/provider/wait"
)

// A question that nobody waits for any more, as of a poller that is done, is not
// asked along with another.
func TestWhatNobodyWantsToKnowIsNotAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := make(chan []string, 2)
		release := make(chan struct{})
		g := wait.NewGathering(pictor.WallClock(), func(_ context.Context, questions []string) (map[string]string, int) {
			asked <- questions
			<-release
			answers := map[string]string{}
			for _, q := range questions {
				answers[q] = q
			}
			return answers, 1
		})
		ask := func(ctx context.Context, q string) { go func() { _, _ = g.Ask(ctx, q) }() }
		ask(t.Context(), "first") // which holds the next round up
		synctest.Wait()
		bored, leave := context.WithCancel(t.Context())
		ask(bored, "abandoned")
		ask(t.Context(), "second")
		synctest.Wait()
		leave()
		release <- struct{}{}
		<-asked
		if second := <-asked; !slices.Equal(second, []string{"second"}) {
			t.Errorf("asked %q", second)
		}
		release <- struct{}{}
	})
}

// ending is a context that has ended without its Done being noticed yet, as
// happens to who asks on a busy machine.
type ending struct {
	context.Context
	ended *atomic.Bool
}

func (ending) Done() <-chan struct{} { return nil }

func (e ending) Err() error {
	if e.ended.Load() {
		return context.Canceled
	}
	return nil
}

// Nor is it answered: that nothing was asked must not look as if nothing were there.
func TestWhoseQuestionWasNotAskedHearsThatItWasBrokenOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService("ins_1", "ins_2")
		s.takes = time.Minute
		r := wait.NewRoster(s, pictor.WallClock())
		for range 2 { // which hold the next round up
			go func() { _, _ = r.Get(t.Context(), "ins_1") }()
		}
		synctest.Wait()
		var ended atomic.Bool
		tired := ending{t.Context(), &ended}
		errs := make(chan error, 2)
		go func() { _, err := r.Get(tired, "ins_1"); errs <- err }()
		go func() { _, err := r.Named(tired, "ins_1"); errs <- err }()
		go func() { _, _ = r.Get(t.Context(), "ins_2") }()
		synctest.Wait()
		ended.Store(true)
		for range 2 {
			if err := <-errs; !errors.Is(err, context.Canceled) {
				t.Errorf("it hears %v", err)
			}
		}
	})
}
