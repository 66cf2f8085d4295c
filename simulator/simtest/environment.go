package simtest

import "testing"

// Environ has the variables by which a program under test finds the simulator,
// to be added to its environment:
//
//	cmd.Env = append(os.Environ(), sim.Environ()...)
//
// They are PICTOR_ENDPOINT and PICTOR_API_KEY for the provider, and PICTOR_SIM
// for pictor-sim and for programs that use /_sim.
func (s *Sim) Environ() []string {
	env := make([]string, 0, 3)
	for _, v := range s.variables() {
		env = append(env, v[0]+"="+v[1])
	}
	return env
}

// SetEnv sets the variables of [Sim.Environ] for the rest of a test, which
// therefore must not be parallel.
func (s *Sim) SetEnv(t testing.TB) {
	t.Helper()
	for _, v := range s.variables() {
		t.Setenv(v[0], v[1])
	}
}

func (s *Sim) variables() [][2]string {
	return [][2]string{{"PICTOR_ENDPOINT", s.Endpoint}, {"PICTOR_API_KEY", s.APIKey}, {"PICTOR_SIM", s.URL}}
}
