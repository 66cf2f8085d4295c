// Package fault is what can go wrong between a client and the simulator, and in
// the world behind it: counted plans that say which request is hit and how.
//
// A kind of fault is a file; kinds.go lists them. What a kind can do is one of
// the few interfaces in effect.go. plan.go says which requests a plan hits,
// set.go counts, label.go reads the faults that the name of a new thing asks for.
package fault
