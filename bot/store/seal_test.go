package store

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"treem/channels"
)

func keys(t *testing.T, secrets ...string) *Keys {
	t.Helper()
	k, err := ParseKeys(strings.Join(secrets, ","))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeyRotation(t *testing.T) {
	first, second := NewSecret(), NewSecret()
	sealed, err := keys(t, first).seal("inbox", "điều kín")
	if err != nil {
		t.Fatal(err)
	}
	a := channels.Address{Channel: "twilio", ID: "+84905123456"}
	var text string
	if err := keys(t, second, first).open("inbox", sealed, &text); err != nil || text != "điều kín" {
		t.Errorf("with the old key behind the new one: %q, %v", text, err)
	}
	if !bytes.Equal(keys(t, second, first).hashes(a)[1], keys(t, first).hashes(a)[0]) {
		t.Error("a person known under the old key is not found")
	}
	if err := keys(t, second).open("inbox", sealed, &text); err == nil || !strings.Contains(err.Error(), "secret_key") {
		t.Errorf("without the old key: %v", err)
	}
	if err := keys(t, first).open("outbox", sealed, &text); err == nil {
		t.Error("a value of one column was read as another's")
	}
	sealed[len(sealed)-1] ^= 1
	if err := keys(t, first).open("inbox", sealed, &text); err == nil {
		t.Error("a changed value was read")
	}
}

func TestParseKeysRefuses(t *testing.T) {
	for _, secret := range []string{"", "short", NewSecret()[:20], NewSecret() + ",nope"} {
		if _, err := ParseKeys(secret); err == nil || (secret != "" && strings.Contains(err.Error(), secret)) {
			t.Errorf("key of %d characters: %v", len(secret), err)
		}
	}
}

// TestSealedColumnsAreListed: a copy counts as verified, and a key as changed, only if every sealed column is looked at.
func TestSealedColumnsAreListed(t *testing.T) {
	db, err := OpenSQLite(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	there, err := column[string](t.Context(), db, `SELECT t.name || '.' || c.name FROM sqlite_master t, pragma_table_info(t.name) c
		WHERE t.type = 'table' AND c.name LIKE '%\_sealed' ESCAPE '\' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, c := range sealedColumns {
		listed = append(listed, c.table+"."+c.column)
	}
	slices.Sort(listed)
	if !slices.Equal(there, listed) {
		t.Errorf("sealed columns %v, listed in sealed.go %v", there, listed)
	}
}
