package engine

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
)

// draw gives the n-th chance of a thing: a hash of the seed, the kind, the thing
// and n. No stream is shared, so the order in which requests arrive changes no
// identifier and no address.
func draw(seed uint64, kind, thing string, n int) [sha256.Size]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%s\x00%d", seed, kind, thing, n))
}

var idEncoding = base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding)

// drawID makes an identifier such as "ins_k3v9x2m4q7ab".
func drawID(seed uint64, prefix, thing string, n int) string {
	h := draw(seed, prefix, thing, n)
	return prefix + "_" + strings.ToLower(idEncoding.EncodeToString(h[:])[:12])
}

// drawAddress makes an IPv4 address in 198.18.0.0/15, which is set aside for
// benchmarks (RFC 2544) and belongs to nobody.
func drawAddress(seed uint64, instanceID string, start int) string {
	h := draw(seed, "address", instanceID, start)
	n := binary.BigEndian.Uint32(h[:4]) & 0x1ffff
	return fmt.Sprintf("198.%d.%d.%d", 18+n>>16, n>>8&0xff, n&0xff)
}
