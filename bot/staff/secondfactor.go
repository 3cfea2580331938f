package staff

import (
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// period is how long a code holds, in seconds (RFC 6238).
const period = 30

// NewSecondFactor makes a secret for an account, as the key that an authenticator app takes.
func NewSecondFactor(a *Account, issuer string) (*otp.Key, error) {
	return totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: a.Login, Period: period})
}

// SecondFactorKey is the key of a secret made before.
func SecondFactorKey(secret string, a *Account, issuer string) (*otp.Key, error) {
	u := "otpauth://totp/" + issuer + ":" + a.Login + "?issuer=" + issuer + "&secret=" + secret
	return otp.NewKeyFromURL(u)
}

// CodeFits says whether a code is the secret's at a time, one step early or late allowed, and of a later step than the
// last one used. It returns the step to remember.
func CodeFits(code, secret string, used int64, at time.Time) (step int64, ok bool) {
	for _, d := range []int64{0, -1, 1} {
		step := at.Unix()/period + d
		if step <= used {
			continue
		}
		fits, err := totp.ValidateCustom(code, secret, time.Unix(step*period, 0), totp.ValidateOpts{Period: period, Digits: otp.DigitsSix})
		if err == nil && fits {
			return step, true
		}
	}
	return used, false
}
