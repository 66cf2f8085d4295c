package simulator

import (
	"fmt"
	"strings"
	"sync"
)

// misfits are the answers that did not fit the contract.
type misfits struct {
	mu    sync.Mutex
	first []error // the first few
	count int
}

// namedMisfits is how many misfits are named; the others are counted.
const namedMisfits = 10

func (m *misfits) note(misfit error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.count++; m.count <= namedMisfits {
		m.first = append(m.first, misfit)
	}
}

// MisfitError says which answers did not fit the contract.
type MisfitError struct {
	First []error
	Count int
}

func (e *MisfitError) Error() string {
	var text strings.Builder
	text.WriteString("the simulator is wrong, or its contract is; report it:")
	for _, misfit := range e.First {
		fmt.Fprintf(&text, "\n  %v", misfit)
	}
	if more := e.Count - len(e.First); more > 0 {
		fmt.Fprintf(&text, "\n  and %d more", more)
	}
	return text.String()
}

// Misfits is a [*MisfitError] when an answer did not fit the contract, which is
// looked at with [Config.CheckAnswers] only.
func (s *Simulator) Misfits() error {
	s.misfits.mu.Lock()
	defer s.misfits.mu.Unlock()
	if s.misfits.count == 0 {
		return nil
	}
	return &MisfitError{append([]error(nil), s.misfits.first...), s.misfits.count}
}
