package provider

import (
	"crypto/rand"
	"unicode"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

// checkedPassword is the Windows password that the program gives, else the one
// that the machine was rented with, else a new one for a new machine. A machine
// that is there and whose password nobody can read, since it was imported, gets
// none.
func checkedPassword(req infer.CheckRequest, args InstanceArgs) *string {
	given := args.WindowsPassword != nil || req.NewInputs.Get("windowsPassword").HasComputed()
	if given || value(args.OS) != string(pictor.Windows) {
		return args.WindowsPassword
	}
	if old, ok := req.OldInputs.GetOk("windowsPassword"); ok && old.IsString() {
		return new(old.AsString())
	}
	if req.OldInputs.Len() > 0 {
		return nil
	}
	return new(newWindowsPassword())
}

// passwordCharacters are those that a person cannot take for one another.
const passwordCharacters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_+=@#%"

// newWindowsPassword makes a password of 20 characters, 120 bits, that fulfils
// Pictor's rule: most do, and what does not is made anew.
func newWindowsPassword() string {
	for {
		random := make([]byte, 20)
		_, _ = rand.Read(random) // never fails (crypto/rand)
		for i, b := range random {
			random[i] = passwordCharacters[int(b)%len(passwordCharacters)] // 64 of them: each has the same chance
		}
		if isWindowsPassword(string(random)) {
			return string(random)
		}
	}
}

// isWindowsPassword applies the documented rule (docs.pictor.network, GPU Renting, RDP).
func isWindowsPassword(s string) bool {
	var upper, lower, digit, symbol bool
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			upper = true
		case unicode.IsLower(r):
			lower = true
		case unicode.IsDigit(r):
			digit = true
		default:
			symbol = true
		}
	}
	return len(s) >= 10 && upper && lower && digit && symbol
}
