package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"treem/channels"
)

// Keys encrypts what is stored and makes pseudonyms. The first key is used for new data; further keys only read what
// was written under them, so a key is changed by putting a new one in front.
type Keys struct{ all []key }

type key struct {
	id   [4]byte
	aead cipher.AEAD
	mac  []byte
}

// KeySize is the length of a secret key in bytes.
const KeySize = 32

// NewSecret makes a secret key, base64.
func NewSecret() string {
	b := make([]byte, KeySize)
	rand.Read(b)
	return base64.StdEncoding.EncodeToString(b)
}

// BetweenKeys says whether a character stands between two keys.
func BetweenKeys(r rune) bool { return strings.ContainsRune(", \t\r\n", r) }

// ParseKeys reads one or more base64 keys of 32 bytes, separated by commas or white space, the current one first.
func ParseKeys(secret string) (*Keys, error) {
	k := &Keys{}
	for i, s := range strings.FieldsFunc(secret, BetweenKeys) {
		raw, err := base64.StdEncoding.DecodeString(s)
		if err != nil || len(raw) != KeySize {
			return nil, fmt.Errorf("secret_key: key %d is not 32 bytes in base64; make one with: head -c32 /dev/urandom | base64", i+1)
		}
		one, err := deriveKey(raw)
		if err != nil {
			return nil, err
		}
		k.all = append(k.all, one)
	}
	if len(k.all) == 0 {
		return nil, errors.New("secret_key: no key given")
	}
	return k, nil
}

func deriveKey(raw []byte) (key, error) {
	seal, err := hkdf.Key(sha256.New, raw, nil, "treem seal", 32)
	if err != nil {
		return key{}, err
	}
	mac, err := hkdf.Key(sha256.New, raw, nil, "treem pseudonym", 32)
	if err != nil {
		return key{}, err
	}
	block, err := aes.NewCipher(seal)
	if err != nil {
		return key{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return key{}, err
	}
	k := key{aead: aead, mac: mac}
	sum := sha256.Sum256(seal)
	copy(k.id[:], sum[:])
	return k, nil
}

// seal encrypts v as JSON. use names the column: a value cannot be read back as another column's.
func (k *Keys) seal(use string, v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", use, err)
	}
	first := k.all[0]
	// #nosec G407 -- the nonce is made at random by NewGCMWithRandomNonce
	return first.aead.Seal(first.id[:], nil, plain, []byte(use)), nil
}

// open reverses seal.
func (k *Keys) open(use string, sealed []byte, v any) error {
	if len(sealed) < 4 {
		return fmt.Errorf("open %s: the value is too short", use)
	}
	for _, one := range k.all {
		if [4]byte(sealed[:4]) != one.id {
			continue
		}
		plain, err := one.aead.Open(nil, nil, sealed[4:], []byte(use))
		if err != nil {
			return fmt.Errorf("open %s: %w", use, err)
		}
		return json.Unmarshal(plain, v)
	}
	return fmt.Errorf("open %s: it was written under a key that is not in secret_key; add that key behind the current one", use)
}

// hashes returns the address's pseudonym under every key, the current one first.
func (k *Keys) hashes(a channels.Address) [][]byte {
	out := make([][]byte, len(k.all))
	for i, one := range k.all {
		m := hmac.New(sha256.New, one.mac)
		m.Write([]byte(a.Channel + "\x00" + a.ID))
		out[i] = m.Sum(nil)
	}
	return out
}
