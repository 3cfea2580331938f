package staff

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"github.com/trustelem/zxcvbn"
)

// hashing is argon2id as RFC 9106 recommends it for small memory: 64 MiB, three passes.
var hashing = &argon2id.Params{Memory: 64 << 10, Iterations: 3, Parallelism: 2, SaltLength: 16, KeyLength: 32}

// The sizes of passwords, in characters. Nothing longer is hashed.
const (
	MinPassword = 10
	MaxPassword = 128
)

// strongEnough is the zxcvbn score that a password must reach: 3 of 4, safely beyond guessing over the network.
const strongEnough = 3

// The reasons for which a password is not taken.
var (
	ErrShort = errors.New("password: too short")
	ErrLong  = errors.New("password: too long")
	ErrWeak  = errors.New("password: easy to guess")
)

// CheckPassword says why a password is not taken, or nil. What belongs to the account, and the service's own name, makes
// it easier to guess.
func CheckPassword(password string, a *Account) error {
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword:
		return ErrShort
	case n > MaxPassword:
		return ErrLong
	}
	own := append([]string{a.Login, "treem", "console", "binhdinh", "gialai", "tongdai111"}, strings.Fields(a.Name)...)
	if zxcvbn.PasswordStrength(password, own).Score < strongEnough {
		return ErrWeak
	}
	return nil
}

// HashPassword returns what is stored of a password.
func HashPassword(password string) (string, error) { return argon2id.CreateHash(password, hashing) }

// absent is the hash of a password nobody has: comparing with it takes as long as with a real one.
const absent = "$argon2id$v=19$m=65536,t=3,p=2$c29tZSBzYWx0IGhlcmUhIQ$Q9VwYbG1nqkXyzYkzq0o4i2h5p0m1mVJc0r1x9kqY7E"

// PasswordFits compares a password with an account's; a nil account, and one without a password, take as long and fit
// nothing.
func PasswordFits(password string, a *Account) bool {
	hash := absent
	if a != nil && a.PasswordHash != "" {
		hash = a.PasswordHash
	}
	if utf8.RuneCountInString(password) > MaxPassword {
		password = ""
	}
	fits, err := argon2id.ComparePasswordAndHash(password, hash)
	return err == nil && fits && a != nil && a.PasswordHash != ""
}

// TokenHash is what is stored of a random token: who reads the database cannot use it.
func TokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
