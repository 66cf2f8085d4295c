package store

import (
	"strconv"

	bolt "go.etcd.io/bbolt"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/engine"
)

// A version of a format is read by its own simulator and by newer ones. The first
// change makes a data file one of the newest version.
const (
	fileVersion     = 3
	snapshotVersion = 2
)

// Data files of version 1 have no log. In those of versions 1 and 2, and in snapshots
// of version 1, an offer is as it was first unless it is among those that have changed,
// also where instances stand on it: prices that were set made a first state of whatever
// was there then.

// modernize makes of an older snapshot one of this version, and answers what it has
// added of offers, by their place in the market.
func (s *Snapshot) modernize() (added map[int]engine.Offer) {
	s.Version, added = snapshotVersion, map[int]engine.Offer{}
	if s.World.Offers == nil {
		s.World.Offers = map[int]engine.Offer{}
	}
	places := map[string]int{}
	for i, o := range s.World.Market {
		places[o.ID] = i
	}
	for _, inst := range s.World.Instances {
		i, ok := places[inst.OfferID]
		if _, changed := s.World.Offers[i]; ok && !changed {
			added[i] = s.World.Market[i]
			s.World.Offers[i] = added[i]
		}
	}
	return added
}

// modernize makes of an older file one of this version, with what its snapshots have
// added, by sandbox.
func (tx *transaction) modernize(whole *bolt.Tx, added map[string]map[int]engine.Offer) error {
	for id, offers := range added {
		w := newWriter(id, tx.put)
		w.in(offersName)
		for i, o := range offers {
			w.write(numbered(i), takenOf(o))
		}
		if w.err != nil {
			return w.err
		}
	}
	return putVersion(whole)
}

func putVersion(whole *bolt.Tx) error {
	return whole.Bucket(metaBucket).Put(versionKey, []byte(strconv.Itoa(fileVersion)))
}
