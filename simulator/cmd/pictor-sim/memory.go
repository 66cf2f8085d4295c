package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Go collects garbage whenever the heap has doubled. Most of what a request
// leaves behind is garbage at once, so a heap may grow by four times what is alive,
// or by roomToGrow if it is small, before it is looked through again. One that is
// large is looked through earlier, so that it stays below largeHeap for as long as
// what is alive leaves any room.
const (
	timesToGrow  = 4
	roomToGrow   = 128 << 20
	largeHeap    = 272 << 20
	leastPercent = 25
)

// spareCollector lets the garbage collector pause for longer while there is
// little to keep. It looks anew after every collection, since only then it is
// known how much is alive.
func spareCollector() {
	debug.SetGCPercent(percentFor(largeHeap / 8))
	afterCollection(func() {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		debug.SetGCPercent(percentFor(live[0].Value.Uint64()))
	})
}

// percentFor is by how many per cent a heap of which so much is alive may grow.
func percentFor(alive uint64) int {
	alive = max(alive, 1<<20)
	room := max(roomToGrow, timesToGrow*alive)
	room = min(room, max(largeHeap, alive)-alive)
	return max(leastPercent, int(room*100/alive))
}

// afterCollection does something after each collection: it leaves behind a piece
// of garbage that says when it is collected.
func afterCollection(do func()) {
	runtime.AddCleanup(new([16]byte), func(do func()) {
		do()
		afterCollection(do)
	}, do)
}
