package provider_test

import (
	"net/http"
	"testing"

	p "github.com/pulumi/pulumi-go-provider"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// notYetThere is the answer of a replica that does not have a machine yet, as
// are then all reads of it, and one list.
type notYetThere struct{ sim *simtest.Sim }

func (e notYetThere) Answer(w http.ResponseWriter, real fault.Answer) error {
	none := fault.Status{Code: 404, ContentType: "application/json", Body: `{"message":"no such instance","code":"not_found"}`}
	e.sim.Fault(fault.Plan{Operation: "getInstance", Times: -1, Effect: none})
	e.sim.Fault(fault.Plan{Operation: "listInstances", Effect: fault.Status{
		Code: 200, ContentType: "application/json",
		Body: `{"data":[],"links":{"first":"","last":"","prev":null,"next":null},"meta":{"current_page":1,"last_page":1,"per_page":100,"total":0}}`,
	}})
	return none.Answer(w, real)
}

// A machine that a deletion did not find was not even told to go: that it is gone
// is proven by more than one look, as everywhere.
func TestADeletionThatFindsNothingIsNotBelievedAtOnce(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	r := s.mustCreate(instanceType, "trainer", trainer)
	s = s.again()
	refused := s.sim.Fault(fault.Plan{Operation: "deleteInstance", Effect: notYetThere{s.sim}})
	err := s.delete(r)
	fired(t, refused)
	if err == nil {
		t.Fatalf("dropped, and still paid for: %+v", s.sim.Instances())
	}
	wantError(t, err, "stays in the state", "pulumi destroy")
	s.sim.ClearFaults()
	if err := s.delete(r); err != nil || len(s.sim.Instances()) > 0 {
		t.Errorf("still rented: %+v, %v", s.sim.Instances(), err)
	}
}

// A service may go on showing what it has deleted.
func TestAMachineThatIsSaidToBeDeletedIsGone(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"deleted", "Destroyed", "REMOVED"} {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			s := newStack(t)
			r := s.mustCreate(instanceType, "trainer", trainer)
			s = s.again()
			s.timeout = 2
			buried := s.sim.Fault(fault.Plan{Operation: "deleteInstance", Phase: fault.After, Effect: tombstone{s.sim, r.id, word}})
			if err := s.delete(r); err != nil {
				t.Fatal(err)
			}
			fired(t, buried)
			if err := s.refresh(r); err != nil {
				t.Fatal(err)
			}
			d, _, err := s.diff(r, trainer)
			if kind := d.DetailedDiff["status"].Kind; err != nil || kind != p.UpdateReplace {
				t.Errorf("to be replaced: %v, %v", d.DetailedDiff, err)
			}
		})
	}
}

// tombstone is what is left of a deleted machine.
type tombstone struct {
	sim      *simtest.Sim
	id, word string
}

func (e tombstone) Answer(w http.ResponseWriter, _ fault.Answer) error {
	shown := fault.Status{Code: 200, ContentType: "application/json", Body: `{"id":"` + e.id + `","name":"trainer","status":"` + e.word + `"}`}
	e.sim.Fault(fault.Plan{Operation: "getInstance", Times: -1, Effect: shown})
	return fault.Status{Code: 204}.Answer(w, fault.Answer{})
}
