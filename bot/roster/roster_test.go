package roster

import (
	"strings"
	"testing"
	"time"
)

const written = `
officers:
  - {id: lan, name: Lan, telegram: "1001", sms: "+84901000001"}
  - {id: minh, name: Minh, email: minh@example.vn}
  - {id: hai, name: Hải, sms: "+84901000003"}
  - {id: chief, name: Trưởng phòng, telegram: "1009"}
holidays: ["2026-12-31"]
tiers:
  - name: Trực ban
    shifts:
      - {days: [mon, tue, wed, thu, fri], from: "07:00", to: "17:00", officers: [lan]}
      - {days: [mon, tue, wed, thu, fri], from: "07:00", to: "17:00", communes: ["21853"], officers: [minh]}
      - {days: [fri], from: "22:00", to: "06:00", holidays: true, officers: [hai]}
  - name: Lãnh đạo
    shifts:
      - {officers: [chief]}
`

func parse(t *testing.T) *Roster {
	t.Helper()
	r, err := Parse([]byte(written), func(c string) bool { return c == "21853" })
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// at reads a local time of Viet Nam.
func at(t *testing.T, text string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	v, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return v.UTC()
}

func names(all []Officer) string {
	var ids []string
	for _, o := range all {
		ids = append(ids, o.ID)
	}
	return strings.Join(ids, " ")
}

func TestOnDuty(t *testing.T) {
	r := parse(t)
	for _, c := range []struct {
		when    string
		tier    int
		commune string
		want    string
	}{
		{"2026-11-25 07:00", 0, "", "lan minh"},      // a Wednesday; the commune is not known: everybody on shift
		{"2026-11-25 06:59", 0, "", ""},              // before it begins
		{"2026-11-25 16:59", 0, "21853", "lan minh"}, // the commune's own officer too
		{"2026-11-25 17:00", 0, "", ""},              // the end is no longer in it
		{"2026-11-25 09:00", 0, "99999", "lan"},      // another commune
		{"2026-11-28 09:00", 0, "", ""},              // a Saturday
		{"2026-11-27 23:30", 0, "", "hai"},           // Friday night
		{"2026-11-28 05:59", 0, "", "hai"},           // over midnight it is still Friday's shift
		{"2026-11-29 05:00", 0, "", ""},              // Saturday night has none
		{"2026-12-31 09:00", 0, "", ""},              // a holiday
		{"2026-11-29 03:00", 1, "", "chief"},         // no hours: always
		{"2026-11-29 03:00", 2, "", "lan minh hai chief"},
		{"2026-11-29 03:00", 9, "21853", "lan minh hai chief"},
		{"2026-11-25 09:00", -1, "", "lan minh"},
	} {
		if got := names(r.OnDuty(c.tier, c.commune, at(t, c.when))); got != c.want {
			t.Errorf("%s tier %d %q: %q on duty, want %q", c.when, c.tier, c.commune, got, c.want)
		}
	}
}

func TestNext(t *testing.T) {
	r := parse(t)
	for when, want := range map[string]string{
		"2026-11-25 10:15": "2026-11-25 10:15", // somebody is there
		"2026-11-25 18:00": "2026-11-26 07:00",
		"2026-11-27 17:30": "2026-11-27 22:00",
		"2026-11-28 07:00": "2026-11-30 07:00", // over the weekend
		"2026-12-30 18:00": "2027-01-01 07:00", // over a holiday
	} {
		if got := r.Next("", at(t, when)); !got.Equal(at(t, want)) {
			t.Errorf("after %s somebody is there %s, want %s", when, got.In(r.zone).Format("2006-01-02 15:04"), want)
		}
	}
	never, err := Parse([]byte(`{officers: [{id: a, sms: "+84901000001"}], tiers: [{shifts: [{communes: ["1"], officers: [a]}]}]}`),
		func(string) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	if got := never.Next("2", at(t, "2026-11-25 10:15")); !got.IsZero() {
		t.Errorf("nobody serves commune 2, but somebody is there at %s", got)
	}
}

func TestByTelegram(t *testing.T) {
	r := parse(t)
	if o, ok := r.ByTelegram("1001"); !ok || o.ID != "lan" {
		t.Errorf("user 1001 is %q %v", o.ID, ok)
	}
	for _, stranger := range []string{"", "7"} { // Minh and Hải have no Telegram: an empty number is nobody
		if o, ok := r.ByTelegram(stranger); ok {
			t.Errorf("user %q is taken for %q", stranger, o.ID)
		}
	}
}

func TestParseNamesEveryMistake(t *testing.T) {
	for name, c := range map[string]struct{ from, to, says string }{
		"zone":            {"officers:\n", "zone: Asia/Saigonx\nofficers:\n", "zone"},
		"unknown officer": {"officers: [chief]", "officers: [boss]", `tier 2, shift 1: officer "boss"`},
		"twice":           {"id: minh", "id: lan", `"lan" is there twice`},
		"no way to reach": {"email: minh@example.vn", "name: M", "mapping key"},
		"phone":           {`"+84901000003"`, `"0901 000 003"`, "+84"},
		"commune":         {`["21853"]`, `["21854"]`, `commune "21854"`},
		"day":             {"[fri]", "[friday]", `day "friday"`},
		"clock":           {`"22:00"`, `"25:00"`, `"25:00"`},
		"holiday":         {"2026-12-31", "31/12/2026", "31/12/2026"},
		"field":           {"name: Trực ban", "nom: x", "nom"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(strings.Replace(written, c.from, c.to, 1)), func(code string) bool { return code == "21853" })
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v does not say %q", err, c.says)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(written))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Parse(data, func(string) bool { return true })
		if err != nil {
			return
		}
		now := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
		if next := r.Next("", now); !next.IsZero() && len(r.OnDuty(0, "", next)) == 0 {
			t.Errorf("nobody is on duty at %s, when somebody should be", next)
		}
	})
}

func TestChange(t *testing.T) {
	r := parse(t)
	for _, c := range []struct {
		when string
		tier int
		want string // when others come, and who
	}{
		{"2026-11-25 08:00", 0, "2026-11-25 17:00 "}, // Wednesday's shift ends and nobody comes
		{"2026-11-25 18:00", 0, "2026-11-26 07:00 lan minh"},
		{"2026-11-27 17:30", 0, "2026-11-27 22:00 hai"},
		{"2026-11-28 03:00", 0, "2026-11-28 06:00 "}, // the night's shift ends on the day after it began
		{"2026-11-28 12:00", 0, "2026-11-30 07:00 lan minh"},
		{"2026-11-25 08:00", 1, ""}, // always the same
	} {
		got := ""
		if next := r.Change(c.tier, at(t, c.when)); !next.IsZero() {
			got = next.In(r.zone).Format("2006-01-02 15:04") + " " + names(r.OnDuty(c.tier, "", next))
		}
		if got != c.want {
			t.Errorf("after %s in tier %d: %q, want %q", c.when, c.tier, got, c.want)
		}
	}
}
