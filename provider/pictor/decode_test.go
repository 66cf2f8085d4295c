package pictor_test

import (
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

func TestLiberalInWhatItReads(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"bare":             `{"id":"7","name":"trainer","status":"Hibernating"}`,
		"in data":          `{"data":{"id":"7","name":"trainer","status":"Hibernating"}}`,
		"a numeric id":     `{"id":7,"name":"trainer","status":"Hibernating","offer_id":12,"ssh_key_ids":[1,2]}`,
		"unknown fields":   `{"id":7,"name":"trainer","status":"Hibernating","colour":"red","data":null}`,
		"nulls":            `{"id":7,"name":"trainer","status":"Hibernating","connection":null,"expires_at":null,"ssh_key_ids":null}`,
		"with white space": "\n {\"id\":7,\n\"name\":\"trainer\",\"status\":\"Hibernating\"}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, step{body: body})
			got, err := client(t, s.URL).GetInstance(t.Context(), "7")
			if err != nil || got.Id != "7" || got.Name != "trainer" || got.Status != "Hibernating" {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestNormalStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[pictor.InstanceStatus]pictor.InstanceStatus{
		"running": pictor.StatusRunning, "Running": pictor.StatusRunning, " STOPPED\n": pictor.StatusStopped, "Shutting Down": pictor.StatusStopping,
		"powered-off": pictor.StatusStopped, "BUILD": pictor.StatusProvisioning, "active": pictor.StatusRunning, "rebooting": pictor.StatusStarting,
		"destroying": pictor.StatusDeleting, "expired": pictor.StatusTerminated, "failed": pictor.StatusError, "Moving House": "moving house",
	} {
		if got := pictor.NormalStatus(status); got != want {
			t.Errorf("%q became %q, want %q", status, got, want)
		}
	}
}
