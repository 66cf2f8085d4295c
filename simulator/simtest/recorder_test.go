package simtest_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// recorder is a test of somebody else's that may fail: it keeps what is said of it.
type recorder struct {
	testing.TB // nil: whatever else New asked of it would panic

	mu       sync.Mutex
	cleanups []func()
	errors   []string
}

// record runs a test to its end and returns what made it fail.
func record(test func(t testing.TB)) string {
	r := &recorder{}
	ended := make(chan struct{})
	go func() { // so that Fatalf can end it
		defer close(ended)
		defer r.end()
		test(r)
	}()
	<-ended
	return strings.Join(r.errors, "\n")
}

func (r *recorder) end() {
	for _, cleanup := range slices.Backward(r.cleanups) {
		cleanup()
	}
}

func (r *recorder) Helper() {}

func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}
