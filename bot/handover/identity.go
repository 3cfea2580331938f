package handover

import (
	"fmt"
	"strings"
)

// Identity is what a case is called.
type Identity struct {
	ID  string // UUID of version 4, RFC 9562
	Ref string // five characters that people can say, hear and type
}

// refAlphabet holds no vowels, so that no word comes out, and none of the look-alikes 0 O 1 I L 5 S 8 B U V.
const refAlphabet = "234679CDFGHJKMNPQRTWXYZ"

const refLength = 5

// NewIdentity makes the names of a new case from random bytes. Two cases may get the same Ref, one time in six million:
// the store refuses it and other bytes are tried.
func NewIdentity(random [32]byte) Identity {
	u := [16]byte(random[:16])
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	ref := make([]byte, refLength)
	for i := range ref {
		ref[i] = refAlphabet[int(uint16(random[16+2*i])<<8|uint16(random[17+2*i]))%len(refAlphabet)]
	}
	return Identity{fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:]), string(ref)}
}

// IsRef says whether a word has the form of a reference: of a new case, or "C12" of one from before there were any.
func IsRef(word string) bool {
	word = strings.ToUpper(word)
	if len(word) > 1 && word[0] == 'C' && strings.Trim(word[1:], "0123456789") == "" {
		return true
	}
	return len(word) == refLength && strings.Trim(word, refAlphabet) == ""
}
