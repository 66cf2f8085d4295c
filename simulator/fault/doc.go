// Package fault is what can go wrong between a client and the simulator: counted
// plans that say which request is hit and what becomes of its answer. A kind of
// fault is a file; what they share is in plan.go.
package fault
