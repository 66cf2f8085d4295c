// Package engine is the pure world of one sandbox: an account, its keys, the
// market, the rented instances, the ledger and the clock.
//
// Nothing here does I/O, starts a goroutine, reads the wall clock or draws a
// global random number. A world changes in two ways only: by a command (Rent,
// Stop, AddSSHKey, …), or by Settle, which lets everything happen that is due
// up to a moment, in order and each at its own time. The same seed and the same
// commands at the same times make the same world.
//
// A World is not safe for concurrent use; package store gives each its lock.
package engine
