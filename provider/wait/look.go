package wait

import (
	"context"
	"sync/atomic"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// look is one look at the account: the list of its instances, if that was read,
// and what must be asked besides.
type look struct {
	reader Reader
	pages  int
	// repeated counts the requests that another look would cost again. What the
	// list did not have is asked for once: it is gone then, or its name is free.
	repeated atomic.Int64

	listed bool
	err    error // why there is no list
	whole  bool
	byID   map[pictor.ID]pictor.Instance
	byName map[string][]pictor.Instance
	// exact reads the list until it is whole, once for all who need a proof.
	exact func() ([]pictor.Instance, error)
}

// survey reads the list.
func (l *look) survey(ctx context.Context) {
	s, err := l.reader.SurveyInstances(ctx)
	l.listed, l.err, l.whole = true, err, s.Whole
	l.pages = max(s.Pages, 1)
	l.repeated.Add(int64(l.pages))
	l.byID = make(map[pictor.ID]pictor.Instance, len(s.Instances))
	l.byName = make(map[string][]pictor.Instance, len(s.Instances))
	for _, inst := range s.Instances {
		l.byID[inst.Id] = inst
		l.byName[inst.Name] = append(l.byName[inst.Name], inst)
	}
}

func (l *look) answer(ctx context.Context, q question) answer {
	switch {
	case l.listed && l.err != nil && (q.prove || !pictor.IsCode(l.err, pictor.CodeUnavailable)):
		return answer{err: l.err}
	case q.name != "":
		return l.named(ctx, q.name)
	}
	return l.instance(ctx, q)
}

// named takes the list's word for a name that it does not have only if the list
// is whole: when it changes while it is read, an entry can slip between pages.
func (l *look) named(ctx context.Context, name string) answer {
	if found := l.byName[name]; len(found) > 0 || l.whole {
		return answer{instances: found}
	}
	if !l.listed {
		l.repeated.Add(1)
	}
	found, err := l.reader.ListInstances(ctx, pictor.InstanceFilter{Name: name})
	return answer{found, err}
}

// instance reads what the list does not have by itself: lists can be stale, and
// pages shift.
func (l *look) instance(ctx context.Context, q question) answer {
	if inst, ok := l.byID[q.id]; ok {
		return answer{instances: []pictor.Instance{inst}}
	}
	if !l.listed {
		l.repeated.Add(1)
	}
	inst, err := l.reader.GetInstance(ctx, q.id)
	switch {
	case err == nil:
		return answer{instances: []pictor.Instance{inst}}
	case !q.prove || !pictor.IsGone(err):
		return answer{err: err}
	case l.whole:
		return answer{}
	}
	all, err := l.exact()
	for _, inst := range all {
		if inst.Id == q.id {
			return answer{instances: []pictor.Instance{inst}}
		}
	}
	return answer{err: err}
}
