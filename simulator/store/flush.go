package store

// flush is a set of changes that goes to disk together, for those who wait for it.
type flush struct {
	changes int
	done    chan struct{}
	err     error // once done
}

func newFlush() *flush { return &flush{done: make(chan struct{})} }

// end answers those who wait for a flush, if there is one.
func (f *flush) end(err error) {
	if f != nil {
		f.err = err
		close(f.done)
	}
}

// wait is what becomes of an answer that rests on a flush, nil when it rests on
// none: an answer leaves when what it knows is on disk, also a refusal.
func (f *flush) wait(answer error) error {
	if f == nil {
		return answer
	}
	<-f.done
	if f.err != nil {
		return f.err
	}
	return answer
}
