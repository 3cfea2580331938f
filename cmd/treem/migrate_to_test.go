package main

import (
	"net/url"
	"strings"
	"testing"

	"treem/bot/store/pgtest"
	"treem/config"
)

// TestMigrateTo: a person goes on with the same conversation after the service moved to PostgreSQL, and a case with its
// history is there.
func TestMigrateTo(t *testing.T) {
	cfg := testConfig(t)
	t.Setenv("TREEM_DATA_DIR", cfg.DataDir)
	address := pgtest.Start(t).Database()
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
	if _, err := run(t, "", "migrate-to", address); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a database was moved under a running service: %v", err)
	}
	if err := a.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	out, err := run(t, "", "migrate-to", address)
	if err != nil || !strings.Contains(out, "inbox                        2 rows, compared") || strings.Contains(out, address) {
		t.Fatalf("%s%v", out, err)
	}
	cfg.Database, cfg.Listen = config.Secret(address), u.Host // the key is still that of the data folder
	t.Setenv("TREEM_DATABASE", address)
	b := openTestApp(t, cfg)
	resp, err := p.Get(b.Address())
	if page := body(t, resp, err); !strings.Contains(page, "102/2016/QH13") {
		t.Error("the person's conversation is not there")
	}
	cases, err := b.store.Cases(t.Context(), true, 10)
	if err != nil || len(cases) != 1 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	if c, err := b.store.Case(t.Context(), cases[0].ID); err != nil || len(c.Events) == 0 {
		t.Errorf("the case's history: %v, %v", c.Events, err)
	}
	if _, err := run(t, "", "key", "rotate"); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("the key was changed under a running service: %v", err)
	}
	if out, err := run(t, "", "doctor"); !strings.Contains(out, "PostgreSQL, writable, 0 waiting; in use by a running treem") {
		t.Errorf("doctor says:\n%s%v", out, err)
	}
	if err := b.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if out, err := run(t, "", "key", "rotate"); err != nil || strings.HasPrefix(out, "0 values") {
		t.Errorf("%q %v", out, err)
	}
	b = openTestApp(t, cfg)
	resp, err = p.Get(b.Address())
	if page := body(t, resp, err); !strings.Contains(page, "102/2016/QH13") {
		t.Error("the person's conversation is not found under the new key")
	}
	other := cfg
	other.DataDir, other.SecretKey = t.TempDir(), ""
	if _, err := openKeys(other); err == nil || !strings.Contains(err.Error(), "secret_key") {
		t.Errorf("another machine made a key of its own: %v", err)
	}
}
