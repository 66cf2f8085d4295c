package wait

import (
	"context"
	"sync"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// Reader is what a roster asks; *pictor.Client is one.
type Reader interface {
	GetInstance(ctx context.Context, id pictor.ID) (pictor.Instance, error)
	ListInstances(ctx context.Context, filter pictor.InstanceFilter) ([]pictor.Instance, error)
	SurveyInstances(ctx context.Context) (pictor.InstanceSurvey, error)
}

const (
	// remembered is how long it counts how many pages the list had.
	remembered = time.Minute
	// abreast bounds the reads of single instances that are under way at once.
	abreast = 8
)

// Roster tells what instances the account has, to any number of resources at
// once. Questions that come together cost the smaller of one request each and
// the pages of the list. Every answer is from after its question.
type Roster struct {
	reader  Reader
	clock   pictor.Clock
	gathers *Gathering[question, answer]

	mu      sync.Mutex
	pages   int // of the list, when it was read
	counted time.Time
}

// question asks for the instance with an id, or for those with a name.
type question struct {
	id    pictor.ID
	name  string
	prove bool // look into the list too before an instance is held for gone
}

type answer struct {
	instances []pictor.Instance
	err       error
}

// NewRoster makes a roster.
func NewRoster(reader Reader, clock pictor.Clock) *Roster {
	r := &Roster{reader: reader, clock: clock, pages: 1}
	r.gathers = NewGathering(clock, r.answer)
	return r
}

// Get gives the present state of an instance, with the errors of
// [pictor.Client.GetInstance].
func (r *Roster) Get(ctx context.Context, id pictor.ID) (pictor.Instance, error) {
	q := question{id: id}
	answers, err := r.gathers.Ask(ctx, q)
	if err != nil {
		return pictor.Instance{}, err
	}
	a := answers[q]
	if a.err != nil {
		return pictor.Instance{}, a.err
	}
	return a.instances[0], nil
}

// Named gives the instances that have exactly this name, in whatever status.
// That there is none proves nothing about a request that may still be acted upon.
func (r *Roster) Named(ctx context.Context, name string) ([]pictor.Instance, error) {
	q := question{name: name}
	answers, err := r.gathers.Ask(ctx, q)
	if err != nil {
		return nil, err
	}
	return answers[q].instances, answers[q].err
}

// observe looks at instances; nothing is seen once the context has ended.
func (r *Roster) observe(ctx context.Context, ids []pictor.ID) map[pictor.ID]Observation {
	questions := make([]question, len(ids))
	for i, id := range ids {
		questions[i] = question{id: id, prove: true}
	}
	answers, err := r.gathers.Ask(ctx, questions...)
	if err != nil {
		return nil
	}
	seen := make(map[pictor.ID]Observation, len(ids))
	for _, q := range questions {
		a := answers[q]
		o := Observation{Err: a.err}
		if len(a.instances) > 0 {
			o.Instance = &a.instances[0]
		}
		seen[q.id] = o
	}
	return seen
}

// answer asks the service, in the cheaper way.
func (r *Roster) answer(ctx context.Context, questions []question) (map[question]answer, int) {
	l := &look{reader: r.reader, pages: r.expected()}
	if len(questions) > l.pages {
		l.survey(ctx)
		r.remember(l)
	}
	l.exact = sync.OnceValues(func() ([]pictor.Instance, error) {
		l.repeated.Add(int64(l.pages))
		return r.reader.ListInstances(ctx, pictor.InstanceFilter{})
	})
	var mu sync.Mutex
	answers := make(map[question]answer, len(questions))
	var reads sync.WaitGroup
	turns := make(chan struct{}, abreast)
	for _, q := range questions {
		turns <- struct{}{}
		reads.Go(func() {
			a := l.answer(ctx, q)
			<-turns
			mu.Lock()
			defer mu.Unlock()
			answers[q] = a
		})
	}
	reads.Wait()
	return answers, int(l.repeated.Load())
}

// expected is how many pages the list has, as far as is known.
func (r *Roster) expected() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.clock.Now().Sub(r.counted) > remembered {
		return 1
	}
	return r.pages
}

func (r *Roster) remember(l *look) {
	if l.err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pages, r.counted = l.pages, r.clock.Now()
}
