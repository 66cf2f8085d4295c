package store_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/store"
)

// toBeKilled tells a process of the test binary to be a victim (see [victim]).
const toBeKilled = "PICTOR_SIM_TEST_VICTIM"

func TestMain(m *testing.M) {
	if orders := os.Getenv(toBeKilled); orders != "" {
		if err := victim(orders); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// orders say which lives a victim is to lead, and from which steps on.
type orders struct {
	File string
	Seed uint64
	From []int
}

// acknowledged is what a victim says of every step that was answered.
type acknowledged struct{ life, step int }

// victim leads lives in a file until it is killed.
func victim(text string) error {
	var o orders
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	s, err := store.Open(store.Config{File: o.File, Wall: noon})
	if err != nil {
		return err
	}
	failed := make(chan error)
	for number, from := range o.From {
		go func() {
			l := life{o.Seed, number}
			for n := from; ; n++ {
				if err := l.step(s, n); err != nil {
					failed <- err
				}
				if _, err := fmt.Printf("%d %d\n", number, n); err != nil {
					failed <- err
				}
			}
		}()
	}
	return <-failed
}

// A process is killed at any moment, again and again: every sandbox is then
// exactly what the acknowledged steps make of it, or these and the one that was
// under way.
func TestKilledAtAnyMomentItHasWhatWasAcknowledged(t *testing.T) {
	t.Parallel()
	const kills, lives, fresh = 50, 5, 25
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var file string
	var memory *store.Store
	var o orders
	acknowledgements, unanswered := 0, 0
	for kill := range kills {
		if kill%fresh == 0 {
			file, memory = newFile(t), open(t, store.Config{Wall: noon})
			o = orders{file, random.Uint64(), make([]int, lives)}
		}
		answered := runAndKill(t, o, random.IntN(120))
		acknowledgements += len(answered)
		kept, err := store.Open(store.Config{File: file, Wall: noon})
		must(t, err)
		for _, a := range answered {
			must(t, life{o.Seed, a.life}.step(memory, a.step))
			o.From[a.life] = a.step + 1
		}
		for number := range o.From {
			l := life{o.Seed, number}
			got, then := l.is(kept), l.is(memory)
			if got == then {
				continue
			}
			must(t, l.step(memory, o.From[number]))
			if next := l.is(memory); got != next {
				t.Fatalf("kill %d: after %d steps life %d is\n%s\nand should be\n%s\nor\n%s", kill, o.From[number], number, got, then, next)
			}
			o.From[number]++
			unanswered++
		}
		for _, sandbox := range kept.All() {
			addsUp(t, sandbox)
		}
		must(t, kept.Close())
	}
	t.Logf("%d kills, %d acknowledged steps, %d that were made and not answered", kills, acknowledgements, unanswered)
}

// runAndKill runs a victim until it has acknowledged some steps, kills it, and
// has all that it acknowledged.
func runAndKill(t *testing.T, o orders, steps int) (answered []acknowledged) {
	t.Helper()
	text, err := json.Marshal(o)
	must(t, err)
	self, err := os.Executable()
	must(t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), toBeKilled+"="+string(text))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	kill := sync.OnceFunc(func() { _ = cmd.Process.Kill() })
	defer func() { kill(); _ = cmd.Wait() }() // its status is that of the killed
	if steps == 0 {
		kill()
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var a acknowledged
		if _, err := fmt.Sscan(lines.Text(), &a.life, &a.step); err != nil {
			t.Fatalf("the victim said %q", lines.Text())
		}
		if answered = append(answered, a); len(answered) == steps {
			kill()
		}
	}
	if len(answered) < steps {
		t.Fatal("the victim ended by itself")
	}
	return answered
}
