package wait_test

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
	"github.com/pulumi-pictor/pulumi-pictor/provider/wait"
)

// service is as much of Pictor as a poller asks.
type service struct {
	readError, listError error
	deaf                 bool // does not notice when a request is broken off

	mu         sync.Mutex
	inRead     map[pictor.ID]pictor.InstanceStatus
	inList     map[pictor.ID]pictor.InstanceStatus
	takes      time.Duration
	hanging    bool
	reads      int
	lists      int
	finds      int // lists of one name
	brokenOff  int
	pages      int  // of the list
	shifting   bool // the list changes while it is read
	requested  []time.Time
	allFailing error
}

var _ wait.Reader = (*service)(nil)

// newService has these instances, all of them provisioning.
func newService(ids ...pictor.ID) *service {
	s := &service{inRead: map[pictor.ID]pictor.InstanceStatus{}, inList: map[pictor.ID]pictor.InstanceStatus{}}
	for _, id := range ids {
		s.set(id, pictor.StatusProvisioning)
	}
	return s
}

func (s *service) GetInstance(ctx context.Context, id pictor.ID) (pictor.Instance, error) {
	if err := s.request(ctx, &s.reads, s.readError); err != nil {
		return pictor.Instance{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	status, ok := s.inRead[id]
	if !ok {
		return pictor.Instance{}, &pictor.Error{Code: pictor.CodeNotFound, Status: 404, Worded: true}
	}
	return pictor.Instance{Id: id, Status: status}, nil
}

// ListInstances gives every instance its id as a name.
func (s *service) ListInstances(ctx context.Context, filter pictor.InstanceFilter) ([]pictor.Instance, error) {
	counter := &s.lists
	if filter.Name != "" {
		counter = &s.finds
	}
	if err := s.request(ctx, counter, s.listError); err != nil {
		return nil, err
	}
	return s.list(filter), nil
}

func (s *service) SurveyInstances(ctx context.Context) (pictor.InstanceSurvey, error) {
	if err := s.request(ctx, &s.lists, s.listError); err != nil {
		return pictor.InstanceSurvey{}, err
	}
	list := s.list(pictor.InstanceFilter{})
	return pictor.InstanceSurvey{Instances: list, Pages: max(s.pages, 1), Whole: !s.shifting}, nil
}

func (s *service) list(filter pictor.InstanceFilter) (list []pictor.Instance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, status := range s.inList {
		if filter.Name == "" || filter.Name == string(id) {
			list = append(list, pictor.Instance{Id: id, Name: string(id), Status: status})
		}
	}
	return list
}

// request counts, takes its time and fails, as it was told to.
func (s *service) request(ctx context.Context, counter *int, failure error) error {
	s.mu.Lock()
	*counter++
	s.requested = append(s.requested, time.Now())
	takes, hanging, failing := s.takes, s.hanging, s.allFailing
	s.mu.Unlock()
	switch {
	case hanging:
		<-ctx.Done()
	case s.deaf:
		time.Sleep(takes)
	case takes > 0:
		_ = pictor.WallClock().Sleep(ctx, takes)
	}
	if ctx.Err() != nil && !s.deaf {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.brokenOff++
		return ctx.Err()
	}
	if failing != nil {
		return failing
	}
	return failure
}

func (s *service) set(id pictor.ID, status pictor.InstanceStatus) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inRead[id], s.inList[id] = status, status
}

func (s *service) readable(id pictor.ID, yes bool) { s.put(s.inRead, id, yes) }
func (s *service) listed(id pictor.ID, yes bool)   { s.put(s.inList, id, yes) }

func (s *service) put(where map[pictor.ID]pictor.InstanceStatus, id pictor.ID, yes bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if delete(where, id); yes {
		where[id] = pictor.StatusProvisioning
	}
}

// fail makes every request fail, or none.
func (s *service) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.allFailing = err
}

func (s *service) delay(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.takes = d
}

func (s *service) hang() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hanging = true
}

func (s *service) asked() (reads, lists int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads, s.lists
}

func (s *service) broken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.brokenOff
}

// gaps are the times between requests.
func (s *service) gaps() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	var gaps []time.Duration
	for i := 1; i < len(s.requested); i++ {
		gaps = append(gaps, s.requested[i].Sub(s.requested[i-1]))
	}
	return gaps
}

// wantQuiet fails when more was asked than this.
func (s *service) wantQuiet(t *testing.T, before int) {
	t.Helper()
	if reads, lists := s.asked(); reads+lists != before {
		t.Errorf("%d requests although nobody waits", reads+lists-before)
	}
}

// restless is a clock that never waits.
type restless struct{}

func (restless) Now() time.Time { return time.Now() }

func (restless) Sleep(ctx context.Context, _ time.Duration) error {
	runtime.Gosched()
	return ctx.Err()
}
