package main

import (
	"bytes"
	"net/url"
	"os"
	"strings"
	"testing"

	"treem/bot/store"
)

// TestKeyRotation: after a rotation a person goes on with the same conversation, a case with its history is read, nothing
// in the database needs the old key, and a copy from before still opens until the old key is forgotten.
func TestKeyRotation(t *testing.T) {
	cfg := testConfig(t)
	t.Setenv("TREEM_DATA_DIR", cfg.DataDir)
	p := person(t)
	a := openTestApp(t, cfg)
	u, err := url.Parse(a.Address())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"trẻ em là người bao nhiêu tuổi", "cứu với, bé nhà tôi rơi xuống ao chưa thấy ngoi lên"} {
		resp, err := p.PostForm(a.Address(), url.Values{"text": {text}})
		body(t, resp, err)
	}
	before := t.TempDir() + "/before"
	if _, err := run(t, "", "backup", before); err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, "", "key", "rotate"); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("the key was changed under a running service: %v", err)
	}
	if err := a.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	old, err := os.ReadFile(keyFile(cfg))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, "", "key", "forget-old"); err != nil {
		t.Errorf("one key: nothing to forget: %v", err)
	}
	out, err := run(t, "", "key", "rotate")
	if err != nil || strings.HasPrefix(out, "0 values") {
		t.Fatalf("%q %v", out, err)
	}
	both, err := os.ReadFile(keyFile(cfg))
	if err != nil || !bytes.HasSuffix(both, old) || len(both) != 2*len(old) {
		t.Fatalf("the file of keys holds %d bytes, before %d: %v", len(both), len(old), err)
	}
	oldKeys, err := store.ParseKeys(string(old))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(databaseFile(cfg))
	if err != nil {
		t.Fatal(err)
	}
	if id := oldKeys.ID(); bytes.Count(raw, id[:]) > 0 {
		t.Errorf("%d values under the old key are left in the file", bytes.Count(raw, id[:]))
	}
	keys, err := openKeys(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Inspect(t.Context(), before, keys); err != nil {
		t.Errorf("a copy from before: %v", err)
	}
	if _, err := run(t, "", "key", "forget-old"); err != nil {
		t.Fatal(err)
	}
	if keys, err = openKeys(cfg); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Inspect(t.Context(), before, keys); err == nil || !strings.Contains(err.Error(), "secret_key") {
		t.Errorf("a copy from before opens without its key: %v", err)
	}
	cfg.Listen = u.Host // the browser's address of the conversation
	b := openTestApp(t, cfg)
	resp, err := p.Get(b.Address())
	if page := body(t, resp, err); !strings.Contains(page, "102/2016/QH13") {
		t.Error("the person's conversation is not found under the new key")
	}
	cases, err := b.store.Cases(t.Context(), true, 10)
	if err != nil || len(cases) != 1 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	if c, err := b.store.Case(t.Context(), cases[0].ID); err != nil || len(c.Events) == 0 {
		t.Errorf("the case's history: %v, %v", c.Events, err)
	}
	db, err := store.OpenSQLite(t.Context(), databaseFile(cfg))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `DELETE FROM case_events`); err == nil || !strings.Contains(err.Error(), "only added to") {
		t.Errorf("the history lost its guard: %v", err)
	}
}
