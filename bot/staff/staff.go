// Package staff is the people who work in the console: who they are, what they may do, and how they prove it. It decides
// and stores nothing; time and randomness are passed in.
package staff

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Role is a kind of work. An account has one or more.
type Role string

// The roles.
const (
	Author        Role = "author"        // writes entries
	Reviewer      Role = "reviewer"      // reviews and publishes what others wrote
	Officer       Role = "officer"       // works urgent cases
	Supervisor    Role = "supervisor"    // officers' lead: every case, the roster, the figures
	Administrator Role = "administrator" // accounts and the audit log, no cases
)

// Roles lists them in the order in which they are shown.
var Roles = []Role{Author, Reviewer, Officer, Supervisor, Administrator}

// Right is one thing an account may do.
type Right string

// The rights.
const (
	ReadContent    Right = "read-content"
	WriteContent   Right = "write-content"   // drafts, sample questions, imports shown
	PublishContent Right = "publish-content" // review another's draft, publish, restore, import
	ReadCases      Right = "read-cases"      // the queue and, recorded, a case's words
	WorkCases      Right = "work-cases"
	EditRoster     Right = "edit-roster"
	ReadMistakes   Right = "read-mistakes" // messages that triage judged wrongly, masked
	ReadReport     Right = "read-report"
	EditAccounts   Right = "edit-accounts"
	ReadAudit      Right = "read-audit"
)

// Rights lists them all.
var Rights = []Right{ReadContent, WriteContent, PublishContent, ReadCases, WorkCases, EditRoster, ReadMistakes, ReadReport, EditAccounts, ReadAudit}

// granted is what each role may do. An administrator reads no case: whoever keeps the accounts need not know the children.
var granted = map[Role][]Right{
	Author:        {ReadContent, WriteContent},
	Reviewer:      {ReadContent, WriteContent, PublishContent, ReadMistakes},
	Officer:       {ReadContent, ReadCases, WorkCases},
	Supervisor:    {ReadContent, ReadCases, WorkCases, EditRoster, ReadMistakes, ReadReport},
	Administrator: {ReadContent, ReadReport, EditAccounts, ReadAudit},
}

// Account is one person of the staff.
type Account struct {
	ID           string    `json:"id"`    // random
	Login        string    `json:"login"` // also the officer's id in the history of cases and on the roster
	Name         string    `json:"name"`  // as colleagues see it
	Roles        []Role    `json:"roles"`
	PasswordHash string    `json:"password_hash,omitempty"` // empty: not set yet, a link waits
	SecondFactor string    `json:"second_factor,omitempty"` // TOTP secret; empty: none
	UsedStep     int64     `json:"used_step,omitempty"`     // the last time step whose code was taken: none is taken twice
	Disabled     bool      `json:"disabled,omitempty"`
	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"`
	Version      int64     `json:"version"` // rises with every change
}

// May says whether the account has a right. A disabled one has none.
func (a *Account) May(r Right) bool {
	return !a.Disabled && slices.ContainsFunc(a.Roles, func(role Role) bool { return slices.Contains(granted[role], r) })
}

// NeedsSecondFactor says whether one of the account's roles is among those that must log in with a second factor.
func (a *Account) NeedsSecondFactor(required []Role) bool {
	return slices.ContainsFunc(a.Roles, func(r Role) bool { return slices.Contains(required, r) })
}

// The faults of an account, each for the form to explain.
var (
	ErrLogin = errors.New("login: 2 to 32 letters a-z, digits, dot or hyphen, beginning with a letter")
	ErrName  = errors.New("name: 1 to 60 characters")
	ErrRoles = errors.New("roles: at least one, each of those known")
)

var loginForm = regexp.MustCompile(`^[a-z][a-z0-9.-]{1,31}$`)

// reserved are logins that mean somebody else in the history of cases.
var reserved = []string{"person", "machine", "treem"}

// Check returns what is wrong with an account's own fields, or nil.
func (a *Account) Check() error {
	var errs []error
	if !loginForm.MatchString(a.Login) || slices.Contains(reserved, a.Login) {
		errs = append(errs, ErrLogin)
	}
	if n := len([]rune(strings.TrimSpace(a.Name))); n < 1 || n > 60 {
		errs = append(errs, ErrName)
	}
	if len(a.Roles) == 0 || slices.ContainsFunc(a.Roles, func(r Role) bool { return !slices.Contains(Roles, r) }) {
		errs = append(errs, ErrRoles)
	}
	return errors.Join(errs...)
}

// ParseRoles reads a comma-separated list.
func ParseRoles(text string) ([]Role, error) {
	var all []Role
	for _, name := range strings.Split(text, ",") {
		r := Role(strings.TrimSpace(name))
		if !slices.Contains(Roles, r) {
			return nil, fmt.Errorf("role %q is not one of %v", r, Roles)
		}
		if !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	return all, nil
}

// Link is a one-time address by which somebody sets the password of an account.
type Link struct {
	Account   string // its id
	ExpiresAt time.Time
}

// LinkLasts is how long a link can be used.
const LinkLasts = 72 * time.Hour

// Record is one line of the audit log, which is only ever added to.
type Record struct {
	At     time.Time
	Who    string // login; empty: nobody was logged in
	Action string // "account.save", "login.refused"
	Object string // what it was done to: an entry's id, a login; never a person's words
	Detail string // sealed in the store
}
