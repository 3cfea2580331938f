package staff

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/pquerna/otp/totp"
)

var now = time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)

func TestRights(t *testing.T) {
	for role, want := range map[Role]string{
		Author:        "read-content write-content",
		Reviewer:      "read-content write-content publish-content read-mistakes",
		Officer:       "read-content read-cases work-cases",
		Supervisor:    "read-content read-cases work-cases edit-roster read-mistakes read-report",
		Administrator: "read-content read-report edit-accounts read-audit",
	} {
		a := Account{Roles: []Role{role}}
		var may []string
		for _, r := range Rights {
			if a.May(r) {
				may = append(may, string(r))
			}
		}
		if got := strings.Join(may, " "); got != want {
			t.Errorf("%s may %s, want %s", role, got, want)
		}
		a.Disabled = true
		if slices.ContainsFunc(Rights, a.May) {
			t.Errorf("a disabled %s still has a right", role)
		}
	}
	both := Account{Roles: []Role{Author, Officer}}
	if !both.May(WriteContent) || !both.May(WorkCases) || both.May(PublishContent) {
		t.Error("two roles do not have the rights of both, and of both only")
	}
}

func TestCheck(t *testing.T) {
	good := Account{Login: "lan.nguyen", Name: "Nguyễn Thị Lan", Roles: []Role{Author}}
	if err := good.Check(); err != nil {
		t.Errorf("a good account is refused: %v", err)
	}
	for _, login := range []string{"", "l", "Lan", "lan nguyen", "-lan", "lan@x", "person", "machine", strings.Repeat("a", 33)} {
		a := good
		a.Login = login
		if !errors.Is(a.Check(), ErrLogin) {
			t.Errorf("login %q is taken", login)
		}
	}
	a := Account{Login: "lan", Name: " ", Roles: []Role{"root"}}
	if err := a.Check(); !errors.Is(err, ErrName) || !errors.Is(err, ErrRoles) || errors.Is(err, ErrLogin) {
		t.Errorf("an empty name and an unknown role give %v", err)
	}
	if _, err := ParseRoles("author, officer"); err != nil {
		t.Error(err)
	}
	if _, err := ParseRoles("author,root"); err == nil || !strings.Contains(err.Error(), "root") {
		t.Errorf("an unknown role gives %v", err)
	}
}

func TestPassword(t *testing.T) {
	a := &Account{Login: "lan.nguyen", Name: "Nguyễn Thị Lan"}
	for password, want := range map[string]error{
		"ngắn":                    ErrShort,
		strings.Repeat("dài", 50): ErrLong,
		"1234567890":              ErrWeak,
		"password123":             ErrWeak,
		"lan.nguyen2026":          ErrWeak,
		"treemconsole":            ErrWeak,
		"mưa rơi trên mái tôn":    nil,
		"correct horse battery":   nil,
	} {
		if err := CheckPassword(password, a); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", password, err, want)
		}
	}
	hash, err := HashPassword("mưa rơi trên mái tôn")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(hash, "mưa") || !strings.HasPrefix(hash, "$argon2id$") {
		t.Errorf("stored as %q", hash)
	}
	a.PasswordHash = hash
	for password, want := range map[string]bool{"mưa rơi trên mái tôn": true, "mưa rơi trên mái": false, "": false} {
		if PasswordFits(password, a) != want {
			t.Errorf("%q fits: %v", password, !want)
		}
	}
	for _, nobody := range []*Account{nil, {}} {
		if PasswordFits("mưa rơi trên mái tôn", nobody) || PasswordFits("", nobody) {
			t.Error("a password fits an account that has none")
		}
	}
	if fits := PasswordFits("x", &Account{PasswordHash: absent}); fits {
		t.Error("the hash of nobody's password fits")
	}
}

// An unknown login must cost what a known one costs, or the difference tells which logins exist.
func TestNobodyTakesAsLong(t *testing.T) {
	hash, err := HashPassword("mưa rơi trên mái tôn")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := argon2id.DecodeHash(absent); err != nil {
		t.Errorf("nobody's hash cannot be compared with: %v", err)
	}
	cost := func(h string) string { return h[:strings.LastIndex(h[:strings.LastIndex(h, "$")], "$")] }
	if cost(hash) != cost(absent) {
		t.Errorf("nobody's hash is %s, others are %s", cost(absent), cost(hash))
	}
}

func TestSecondFactor(t *testing.T) {
	key, err := NewSecondFactor(&Account{Login: "lan"}, "treem")
	if err != nil {
		t.Fatal(err)
	}
	code, err := totp.GenerateCode(key.Secret(), now)
	if err != nil {
		t.Fatal(err)
	}
	step, ok := CodeFits(code, key.Secret(), 0, now)
	if !ok {
		t.Fatal("the right code is refused")
	}
	if _, again := CodeFits(code, key.Secret(), step, now); again {
		t.Error("a code is taken twice")
	}
	if _, late := CodeFits(code, key.Secret(), 0, now.Add(40*time.Second)); !late {
		t.Error("a code one step late is refused")
	}
	if _, stale := CodeFits(code, key.Secret(), 0, now.Add(2*time.Minute)); stale {
		t.Error("a code of two minutes ago is taken")
	}
	if _, short := CodeFits("", key.Secret(), 0, now); short {
		t.Error("no code at all is taken")
	}
	same, err := SecondFactorKey(key.Secret(), &Account{Login: "lan"}, "treem")
	if err != nil || same.Secret() != key.Secret() || same.AccountName() != "lan" || same.Issuer() != "treem" {
		t.Errorf("the key made again is %v, %v", same, err)
	}
}

func TestThrottle(t *testing.T) {
	var a Attempts
	for i := range FreeForLogin {
		if w := a.Wait(FreeForLogin, now); w != 0 {
			t.Fatalf("try %d waits %s", i+1, w)
		}
		a = a.Fail(now)
	}
	last := time.Duration(0)
	for range 20 {
		w := a.Wait(FreeForLogin, now)
		if w < last || w == 0 || w > maxWait {
			t.Fatalf("after %d failures the wait is %s, before it was %s", a.Failed, w, last)
		}
		if a.Wait(FreeForLogin, now.Add(w)) != 0 {
			t.Fatalf("after the wait of %s a try still waits", w)
		}
		last, a = w, a.Fail(now)
	}
	if last != maxWait {
		t.Errorf("the longest wait is %s", last)
	}
	if a.Wait(FreeForLogin, now.Add(quiet)) != 0 || a.Fail(now.Add(quiet)).Failed != 1 {
		t.Error("failures are not forgotten")
	}
}
