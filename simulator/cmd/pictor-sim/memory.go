package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// roomToGrow is how many bytes the heap may grow by, at least, before garbage is
// collected again. Go's own default, its doubling, collects a small heap all the
// time: most of what a request leaves behind is garbage at once.
const roomToGrow = 96 << 20

// spareCollector lets the garbage collector pause until the heap has grown by
// roomToGrow, or has doubled. It looks anew after every collection, since only
// then it is known how much is alive.
func spareCollector() {
	adjust := func() {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		if alive := live[0].Value.Uint64(); alive > 0 {
			debug.SetGCPercent(max(100, int(roomToGrow*100/alive)))
		}
	}
	debug.SetGCPercent(400)
	afterCollection(adjust)
}

// afterCollection does something after each collection: it leaves behind a piece
// of garbage that says when it is collected.
func afterCollection(do func()) {
	runtime.AddCleanup(new([16]byte), func(do func()) {
		do()
		afterCollection(do)
	}, do)
}
