package provider_test

import (
	"strings"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
)

// What a person reads at night: what was tried, on what, why it failed, what it
// has cost, the request's id where there was an answer, and what to do next.
func TestEveryFailureSaysWhatToDoNext(t *testing.T) {
	t.Parallel()
	refuses := func(operation string, code int, body string) fault.Plan {
		return fault.Plan{Operation: operation, Times: 1000, Effect: fault.Status{Code: code, ContentType: "application/json", Body: body, Header: map[string][]string{"X-Request-Id": {"req_42"}}}}
	}
	said := func(code string) string { return `{"message":"No such luck.","code":"` + code + `"}` }
	create := func(s *stack) error {
		_, err := s.create(instanceType, "trainer", with(trainer, props{"name": text("night")}))
		return err
	}
	on := func(act func(s *stack, r *res) error) func(s *stack, plan fault.Plan) error {
		return func(s *stack, plan fault.Plan) error {
			r := s.mustCreate(instanceType, "trainer", with(trainer, props{"name": text("night")}))
			s.sim.Fault(plan)
			return act(s.again(), r)
		}
	}
	first := func(act func(s *stack) error) func(s *stack, plan fault.Plan) error {
		return func(s *stack, plan fault.Plan) error {
			s.sim.Fault(plan)
			return act(s)
		}
	}
	refresh := func(s *stack, r *res) error { return s.refresh(r) }
	remove := func(s *stack, r *res) error { return s.delete(r) }
	longer := func(s *stack, r *res) error {
		return s.update(r, with(trainer, props{"name": text("night"), "extensionHours": number(2)}))
	}
	html := func(operation string, code int) fault.Plan {
		return fault.Plan{Operation: operation, Times: 1000, Effect: fault.HTML{Code: code}}
	}
	for name, test := range map[string]struct {
		plan fault.Plan
		act  func(s *stack, plan fault.Plan) error
		says []string
	}{
		"no credits":       {refuses("createInstance", 402, said("insufficient_credits")), first(create), []string{`rent instance "night"`, "No such luck", "402", "req_42", "nothing was charged", "top up"}},
		"create forbidden": {refuses("createInstance", 403, said("forbidden")), first(create), []string{`rent instance "night"`, "No such luck", "403", "req_42", "PICTOR_API_KEY", "nothing was rented"}},
		"create invalid":   {refuses("createInstance", 422, said("validation")), first(create), []string{`rent instance "night"`, "No such luck", "422", "req_42", "nothing was rented", "pulumi up"}},
		"create 5xx":       {refuses("createInstance", 500, said("server_error")), first(create), []string{`"night"`, "not known whether", "No such luck", "500", "req_42", "pulumi refresh"}},
		"create HTML":      {html("createInstance", 502), first(create), []string{`"night"`, "not known whether", "HTML", "502", "pulumi refresh"}},
		"refresh 401":      {refuses("getInstance", 401, said("unauthorized")), on(refresh), []string{"read instance", "No such luck", "401", "req_42", "app.pictor.network/account/keys"}},
		"refresh 403":      {refuses("getInstance", 403, said("forbidden")), on(refresh), []string{"read instance", "403", "req_42", "may not"}},
		"refresh 5xx":      {refuses("getInstance", 503, said("unavailable")), on(refresh), []string{"read instance", "503", "req_42", "try again later"}},
		"refresh HTML":     {html("getInstance", 404), on(refresh), []string{"read instance", "HTML", "404", "PICTOR_ENDPOINT"}},
		"delete refused":   {refuses("deleteInstance", 403, said("forbidden")), on(remove), []string{"delete instance", "No such luck", "403", "req_42"}},
		"delete 5xx":       {refuses("deleteInstance", 500, said("server_error")), on(remove), []string{"delete instance", "500", "req_42", "try again later"}},
		"extend refused":   {refuses("extendInstance", 402, said("insufficient_credits")), on(longer), []string{"extend instance", "by 2 h", "402", "req_42", "nothing was charged", "top up"}},
		"extend 5xx":       {refuses("extendInstance", 500, said("server_error")), on(longer), []string{"night", "not known whether", "2 h", "500", "req_42", "pulumi up"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t)
			err := test.act(s, test.plan)
			wantError(t, err, test.says...)
			if err != nil && strings.Contains(err.Error(), s.sim.APIKey) {
				t.Errorf("the key shows: %v", err)
			}
		})
	}
}

func TestATakenNameSaysTheImportCommand(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	named := with(trainer, props{"name": text("night")})
	first := s.mustCreate(instanceType, "trainer", named)
	_, err := s.create(instanceType, "another", named)
	wantError(t, err, `"night"`, first.id, "nothing was rented", "pulumi import pictor:index:Instance another "+first.id)
	for _, nothing := range []props{{"gpuModel": text("RTX 1"), "rentalHours": number(1)}, {"gpuCount": number(16), "maxPricePerHour": text("0.01"), "rentalHours": number(1)}} {
		_, err = s.create(instanceType, "another", nothing)
		wantError(t, err, "nothing was rented", "offers")
	}
}
