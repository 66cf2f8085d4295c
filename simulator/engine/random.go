package engine

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"
)

// draw gives the n-th chance of a thing: a hash of the seed, the kind, the thing
// and n. No stream is shared, so the order in which requests arrive changes no
// identifier and no address.
func draw(seed uint64, kind, thing string, n int) [sha256.Size]byte {
	text := strconv.AppendUint(make([]byte, 0, 128), seed, 10)
	text = append(append(append(append(text, 0), kind...), 0), thing...)
	return sha256.Sum256(strconv.AppendInt(append(text, 0), int64(n), 10))
}

// idAlphabet has no letters that are easily taken for others.
const idAlphabet = "abcdefghijkmnpqrstuvwxyz23456789"

var idEncoding = base32.NewEncoding(idAlphabet).WithPadding(base32.NoPadding)

// drawID makes an identifier such as "ins_k3v9x2m4q7ab".
func drawID(seed uint64, prefix, thing string, n int) string {
	h := draw(seed, prefix, thing, n)
	id := append(append(make([]byte, 0, 32), prefix...), '_')
	return string(idEncoding.AppendEncode(id, h[:8])[:len(id)+12])
}

// drawAddress makes an IPv4 address in 198.18.0.0/15, which is set aside for
// benchmarks (RFC 2544) and belongs to nobody.
func drawAddress(seed uint64, instanceID string, start int) string {
	h := draw(seed, "address", instanceID, start)
	n := binary.BigEndian.Uint32(h[:4]) & 0x1ffff
	return netip.AddrFrom4([4]byte{198, byte(18 + n>>16), byte(n >> 8), byte(n)}).String()
}

// packID is an instance's id as a number, by which it is found faster than by a
// string: the 60 bits of a drawn id, or a number itself. Two ids of instances
// never have the same number; what is no such id has 0.
func packID(id string) uint64 {
	const drawn, letters = "ins_", 12
	if len(id) == len(drawn)+letters && id[:len(drawn)] == drawn {
		n := uint64(1) // so that it cannot be 0
		for _, letter := range []byte(id[len(drawn):]) {
			place := strings.IndexByte(idAlphabet, letter)
			if place < 0 {
				return 0
			}
			n = n<<5 | uint64(place)
		}
		return n
	}
	n, err := strconv.ParseUint(id, 10, 53)
	if err != nil || strconv.FormatUint(n, 10) != id {
		return 0
	}
	return n
}
