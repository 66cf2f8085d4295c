package provider_test

import (
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/provider"
)

// A key in the environment serves what exists once that of the configuration is
// refused. Nothing is rented with it: it may be another account's.
func TestASpareKeyLooksAfterWhatExistsAndRentsNothing(t *testing.T) {
	t.Parallel()
	first := newStack(t)
	r := first.mustCreate(instanceType, "trainer", named)
	environment := map[string]string{"PICTOR_API_KEY": first.sim.NewKey(t)}
	s := serve(t, provider.Options{Clock: first.clock, Getenv: func(name string) string { return environment[name] }})
	s.sim, s.clock = first.sim, first.clock
	s.configure(props{"endpoint": text(s.sim.Endpoint), "apiKey": text(s.sim.APIKey).WithSecret(true)})

	says := []string{"refuses the API key of the provider's configuration", "nothing was rented", "pulumi config set --secret pictor:apiKey"}
	_, err := s.previewCreate(instanceType, "other", hour)
	wantError(t, err, says...)
	_, err = s.create(instanceType, "other", hour)
	wantError(t, err, says...)
	_, _, err = s.diff(r, with(named, props{"storageGb": number(60)}))
	wantError(t, err, says...)
	onlyInstance(t, s.sim)

	if err := s.refresh(r); err != nil || r.id == "" {
		t.Errorf("a refresh: %q, %v", r.id, err)
	}
	if err := s.update(r, with(named, props{"autoRenew": flag(true)})); err != nil {
		t.Error(err)
	}
	if err := s.delete(r); err != nil {
		t.Error(err)
	}
}
