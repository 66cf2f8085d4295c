package machine

import (
	"crypto/ed25519"

	"golang.org/x/crypto/ssh"
)

// HostKey is the public host key of a machine. It comes from the seed of the
// sandbox and the instance's id, so it survives a restart of the simulator and a
// test can expect it. It keeps no secret: whoever knows the two has the private key.
func HostKey(seed uint64, instanceID string) ssh.PublicKey {
	return hostKey(seed, instanceID).PublicKey()
}

func hostKey(seed uint64, instanceID string) ssh.Signer {
	h := draw(seed, "host key", instanceID)
	signer, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(h[:]))
	if err != nil {
		panic(err) // it takes every Ed25519 key
	}
	return signer
}
