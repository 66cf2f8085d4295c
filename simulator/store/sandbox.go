package store

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/fault"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/journal"
)

// Sandbox is one world with its lock and its faults.
//
// With a data file there can be two worlds. Changes are made to world at once;
// while they are on their way to disk, readers see visible, which stands still at
// the moment before the first of them. When they have arrived, readers see world
// again. So no reader waits for a disk, none sees what a crash could take back,
// and none sees something become due that the changes prevent.
type Sandbox struct {
	// Faults hit the requests of this sandbox only.
	Faults fault.Set
	// Journal has the latest requests. It is in memory only: a restart, a fork
	// and a snapshot begin without it.
	Journal *journal.Journal

	id    string
	store *Store

	mu       sync.Mutex
	settings *Settings // never changed in place
	world    *engine.World
	past     past
	worlds   int             // that were put in the first one's place
	entries  int             // that the world's ledger began with
	rentals  int64           // and how many there had been
	ending   *flush          // its deletion; nil while it lives
	lifetime context.Context // of the world
	endWorld context.CancelFunc

	journaling sync.RWMutex // locked while the journal is emptied
	emptied    atomic.Int64 // how often it was, by a reset

	// The following is used with a data file only.
	visible  *view  // what readers see; nil means the world as it is
	next     *view  // what they will see when sealed has arrived; nil means the same
	gathered *flush // changes that wait for the committer
	sealed   *flush // changes that it is writing
	replaced bool   // the gathered changes are a whole new world
}

// view is a world at a moment, and the settings that went with it.
type view struct {
	world    *engine.World
	settings *Settings
}

func (s *Store) newSandbox(id string, settings Settings, w *engine.World) *Sandbox {
	sandbox := &Sandbox{Journal: journal.New(s.requests, &s.journals), id: id, store: s, settings: &settings, world: w, entries: len(w.Ledger()), rentals: w.Rentals()}
	sandbox.lifetime, sandbox.endWorld = context.WithCancel(context.Background())
	sandbox.Faults.Owner, sandbox.Faults.Remember = id, s.ended != nil // who is told of a life may ask
	return sandbox
}

// ID is the sandbox's identifier, such as "sbx_1".
func (s *Sandbox) ID() string { return s.id }

// Settings are what the sandbox was made from.
func (s *Sandbox) Settings() Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *s.readable().settings
}

// Lifetime ends when the world of the sandbox is no more: it was deleted, or
// another world was put in its place.
func (s *Sandbox) Lifetime() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lifetime
}

// Update lets everything happen that is due and then carries a change out. An
// error leaves the change undone: commands of the engine refuse before they
// change. With a data file it returns when the change is on disk, or what it was
// refused for.
func (s *Sandbox) Update(change func(w *engine.World) error) error {
	return s.updateIn(anyWorld, change)
}

// updateIn is Update for the world of a lifetime.
func (s *Sandbox) updateIn(lifetime context.Context, change func(w *engine.World) error) error {
	return s.update(lifetime, func(w *engine.World) (bool, error) {
		return s.remember(w, func(w *engine.World) (bool, error) {
			err := change(w)
			return err == nil, err
		})
	})
}

// update is updateIn for a change that can turn out to be none.
func (s *Sandbox) update(lifetime context.Context, change func(w *engine.World) (changed bool, err error)) error {
	if err := s.lock(lifetime); err != nil {
		return err
	}
	s.world.Settle(s.store.wall())
	before := s.before()
	changed, err := change(s.world)
	var f *flush
	switch {
	case s.store.committer == nil:
	case err != nil:
		f = s.underWay()
	case changed:
		f, err = s.gather(before)
	}
	s.mu.Unlock()
	return f.wait(err)
}

// anyWorld stands for the lifetime of whichever world there is.
var anyWorld = context.Background()

// lock locks the sandbox for a change of the world of a lifetime, or says why it
// takes none.
func (s *Sandbox) lock(lifetime context.Context) error {
	s.mu.Lock()
	ending, err, underWay := s.ending, s.store.Err(), s.underWay()
	other := lifetime != anyWorld && lifetime != s.lifetime
	if ending == nil && err == nil && !other {
		return nil
	}
	s.mu.Unlock()
	switch {
	case ending != nil:
		return ending.wait(&engine.Error{Code: engine.CodeNotFound, Message: fmt.Sprintf("sandbox %s was deleted", s.id)})
	case err != nil:
		return err
	default:
		return underWay.wait(errOtherWorld)
	}
}

// errOtherWorld refuses what was meant for a world that is no more.
var errOtherWorld = &engine.Error{
	Code: engine.CodeWrongState,
	Message: "the sandbox was reset or restored while this was under way, and what it is now was left alone: " +
		"ask again if it is still wanted",
}

// before is what readers may have to see once the next change is made, nil when
// they see something older already.
func (s *Sandbox) before() *view {
	if s.store.committer == nil || s.gathered != nil {
		return nil
	}
	return &view{s.world.Copy(), s.settings}
}

// gather lets a change wait for the committer; before is what was there before
// it, when it is the first one to wait. Where the committer takes nothing any
// more, the change is undone.
func (s *Sandbox) gather(before *view) (*flush, error) {
	if s.gathered == nil {
		if err := s.store.committer.push(&sandboxJob{s}); err != nil {
			s.world, s.settings = before.world, before.settings
			return nil, err
		}
		if s.sealed == nil {
			s.visible = before
		} else {
			s.next = before
		}
		s.gathered = newFlush()
	}
	s.gathered.changes++
	s.store.committer.comes()
	return s.gathered, nil
}

// underWay is the newest change that is not on disk yet, if any.
func (s *Sandbox) underWay() *flush {
	if s.gathered != nil {
		return s.gathered
	}
	return s.sealed
}

// seal hands what has been gathered to the committer.
func (s *Sandbox) seal() (sealed Snapshot, whole bool, changes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sealed, s.gathered = s.gathered, nil
	whole, s.replaced = s.replaced, false
	sealed.Settings = *s.settings
	if whole {
		sealed.World, sealed.Faults = s.world.State(), s.Faults.State()
		s.world.Track()
	} else {
		sealed.World, sealed.Faults = s.world.Changes(), s.Faults.Changes()
	}
	return sealed, whole, s.sealed.changes
}

// arrived says that what was sealed is on disk, or why it is not. Then nothing
// will be any more: the world is again what it was before all that was waiting.
func (s *Sandbox) arrived(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		if s.visible != nil {
			s.world, s.settings = s.visible.world, s.visible.settings
		}
		s.gathered.end(err)
		s.gathered = nil
	}
	if s.visible = nil; s.gathered != nil {
		s.visible = s.next
	}
	s.next = nil
	s.sealed.end(err)
	s.sealed = nil
}

// replace puts another world in this one's place, which keeps its API keys; how
// says by what. With a data file it returns when it is on disk.
func (s *Sandbox) replace(how string, settings Settings, w *engine.World, faults []byte) error {
	if err := s.lock(anyWorld); err != nil {
		return err
	}
	if err := s.Faults.Load(faults); err != nil {
		s.mu.Unlock()
		return invalid("faults", err)
	}
	s.world.Settle(s.store.wall())
	w.TakeAPIKeys(s.world)
	before, old := &view{s.world, s.settings}, s.life(view{s.world, s.settings})
	s.endWorld()
	s.lifetime, s.endWorld = context.WithCancel(context.Background())
	s.world, s.settings, s.past = w, &settings, nil
	s.worlds++
	s.entries, s.rentals = len(w.Ledger()), w.Rentals()
	var f *flush
	var err error
	if s.store.committer != nil {
		f, err = s.gather(before)
		s.replaced = s.replaced || err == nil
	}
	if err == nil {
		s.store.tell(s.id, old, how)
	}
	s.mu.Unlock()
	return f.wait(err)
}

// Reset makes the sandbox again what it was at first, without faults and with an
// empty journal. Its API keys stay valid.
func (s *Sandbox) Reset() error {
	s.mu.Lock()
	settings := *s.settings
	s.mu.Unlock()
	err := s.replace("reset", settings, s.store.world(s.id, settings), nil)
	if err == nil {
		s.journaling.Lock()
		defer s.journaling.Unlock()
		s.emptied.Add(1)
		s.Journal.Clear()
	}
	return err
}

// Life is what a sandbox's world began with and what became of it.
type Life struct {
	World    *engine.World
	Settings *Settings // which must not be changed
	// Before is how often another world was put in this one's place, by a reset or a
	// restore, since the store was opened: what was counted in one says nothing of
	// another.
	Before int
	// Entries is how many entries the ledger had, and Rentals how many instances had
	// been rented, when the world began: none in a new one, those of the snapshot in
	// one that goes on from it.
	Entries int
	Rentals int64
	// Faults are the sandbox's, which go on from one of its worlds to the next.
	Faults *fault.Set
}

// Life lets everything happen that is due and then looks at the world's life.
func (s *Sandbox) Life(look func(Life)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	look(s.life(s.readable()))
}

func (s *Sandbox) life(v view) Life {
	return Life{v.world, v.settings, s.worlds, s.entries, s.rentals, &s.Faults}
}

// delete ends the sandbox: it refuses whatever comes from now on.
func (s *Sandbox) delete() error {
	if err := s.lock(anyWorld); err != nil {
		return err
	}
	s.ending = newFlush()
	s.endWorld()
	s.mu.Unlock()
	err := s.store.remove(s)
	s.ending.end(err)
	return err
}

// readable is what readers see, up to date.
func (s *Sandbox) readable() view {
	if s.visible != nil {
		return *s.visible
	}
	s.world.Settle(s.store.wall())
	return view{s.world, s.settings}
}

// View lets everything happen that is due and then reads.
func (s *Sandbox) View(read func(w *engine.World)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	read(s.readable().world)
}
