package wait_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
	"github.com/pulumi-pictor/pulumi-pictor/provider/wait"
)

func TestQuestionsThatComeTogetherCostAListNotOneRequestEach(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newService()
		for i := range 100 {
			s.set(pictor.ID(fmt.Sprint("inst", i)), pictor.StatusRunning)
		}
		r := wait.NewRoster(s, pictor.WallClock())
		var askers sync.WaitGroup
		for i := range 100 {
			askers.Go(func() {
				time.Sleep(time.Duration(i) * 20 * time.Millisecond)
				if inst, err := r.Get(t.Context(), pictor.ID(fmt.Sprint("inst", i))); err != nil || string(inst.Id) != fmt.Sprint("inst", i) {
					t.Errorf("inst%d is %v, %v", i, inst, err)
				}
				if taken, err := r.Named(t.Context(), fmt.Sprint("free", i)); err != nil || len(taken) > 0 {
					t.Errorf("free%d is the name of %v, %v", i, taken, err)
				}
			})
		}
		askers.Wait()
		reads, lists := s.asked()
		if all := reads + lists + s.finds; all > 16 {
			t.Errorf("%d reads, %d lists and %d finds in two seconds", reads, lists, s.finds)
		}
	})
}

// What is answered is from after the question: a list that is under way already
// does not do.
func TestAnAnswerIsNeverOlderThanItsQuestion(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newService("a", "b")
		s.delay(time.Second)
		r := wait.NewRoster(s, pictor.WallClock())
		for range 2 {
			go func() { _, _ = r.Named(t.Context(), "a") }()
			go func() { _, _ = r.Named(t.Context(), "b") }()
		}
		pass(500 * time.Millisecond) // a list is under way
		s.set("new", pictor.StatusPending)
		if found, err := r.Named(t.Context(), "new"); err != nil || len(found) != 1 {
			t.Errorf("what was there before the question is not seen: %v, %v", found, err)
		}
	})
}

// The list has twenty pages: for two it is not read again.
func TestALongListIsNotReadForAFew(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newService("a", "b")
		s.pages = 20
		p := poller(s)
		one, other := until(t.Context(), p, "a", pictor.StatusRunning), until(t.Context(), p, "b", pictor.StatusRunning)
		pass(30 * time.Second)
		stillWaits(t, one)
		stillWaits(t, other)
		if reads, lists := s.asked(); lists != 1 || reads < 6 {
			t.Errorf("%d lists and %d reads in 30 s for two who wait", lists, reads)
		}
		s.set("a", pictor.StatusRunning)
		s.set("b", pictor.StatusRunning)
		for _, ended := range []<-chan error{one, other} {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	})
}

// From a list that shrank while it was read something may be missing.
func TestANameIsNotFreeForAListThatShrank(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newService("a", "b")
		s.shifting = true
		r := wait.NewRoster(s, pictor.WallClock())
		var askers sync.WaitGroup
		for i := range 50 {
			askers.Go(func() {
				if taken, err := r.Named(t.Context(), fmt.Sprint("free", i)); err != nil || len(taken) > 0 {
					t.Errorf("free%d is the name of %v, %v", i, taken, err)
				}
			})
		}
		askers.Wait()
		want(t, "names that were looked for by themselves", s.finds, 50)
	})
}
