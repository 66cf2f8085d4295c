package wait_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

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
