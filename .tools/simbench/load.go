//go:build linux

package main

import "time"

// load is a kind of traffic.
type load struct {
	name string
	// changes: it leaves the instances other than it found them, so that each
	// round needs new servers.
	changes bool
	// sender makes what decides what one connection sends, given the instances
	// that are that connection's own.
	sender func(s *server, own []string, ordinal int) sender
}

// sender decides what its connection sends next. The answer goes to then,
// unless that is nil; it is good until then returns.
type sender func(now time.Time) (r request, then func(answer []byte) error, err error)

// loads are all kinds of traffic, in the order of the report.
var loads = []load{
	{name: "read", sender: reads},
	{name: "list", sender: lists},
	{name: "create", changes: true, sender: creates(false)},
	{name: "create+token", changes: true, sender: creates(true)},
	{name: "mixed", changes: true, sender: mixed},
}

// reads gets one instance after the other.
func reads(s *server, own []string, _ int) sender {
	requests := make([]request, len(own))
	for i, id := range own {
		requests[i] = s.getInstance(id)
	}
	n := 0
	return func(time.Time) (request, func([]byte) error, error) {
		n++
		return requests[n%len(requests)], nil, nil
	}
}

// lists gets the first page of the instances.
func lists(s *server, _ []string, _ int) sender {
	r := s.get("/gpu-instances")
	return func(time.Time) (request, func([]byte) error, error) { return r, nil, nil }
}

// creates rents, with or without what the provider adds.
func creates(token bool) func(s *server, _ []string, _ int) sender {
	return func(s *server, _ []string, _ int) sender {
		return func(time.Time) (request, func([]byte) error, error) {
			r, err := s.createInstance(token)
			return r, nil, err
		}
	}
}
