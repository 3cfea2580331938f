package support_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"treem/channels/sms"
	"treem/kb"
	"treem/kb/content"
	"treem/kb/support"
	"treem/kb/vitext"
)

var now = time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)

func finder(t testing.TB) (*support.Finder, *kb.Content) {
	t.Helper()
	c, err := kb.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	f, err := support.Read(content.FS, c)
	if err != nil {
		t.Fatal(err)
	}
	return f, c
}

// answers reads "situation=one age=age6".
func answers(t testing.TB, f *support.Finder, text string) support.Answers {
	t.Helper()
	a := support.Answers{}
	for _, one := range strings.Fields(text) {
		q, o, _ := strings.Cut(one, "=")
		next, ok := f.Answer(a, q, o)
		if !ok {
			due, _, _ := f.Next(a)
			t.Fatalf("%s: %s was not asked; due is %+v", text, one, due)
		}
		a = next
	}
	if q, _, more := f.Next(a); more {
		t.Fatalf("%s: %s is still to be answered", text, q.ID)
	}
	return a
}

// amounts writes grants as "child-alone 810000", several rates joined by |.
func amounts(grants []support.Grant) []string {
	var out []string
	for _, g := range grants {
		var parts []string
		for _, n := range g.Amounts {
			parts = append(parts, strconv.FormatInt(n, 10))
		}
		out = append(out, strings.TrimSpace(g.ID+" "+strings.Join(parts, "|")))
	}
	return out
}

func ids(grants []support.Grant) []string {
	var out []string
	for _, g := range grants {
		out = append(out, g.ID)
	}
	return out
}

// TestClosedList plays every pair of what may have become of father and mother against the list of Article 5 clause 1.
func TestClosedList(t *testing.T) {
	f, _ := finder(t)
	points := map[string]string{ // in the order of the list; a pair reads the same both ways
		"dead dead": "b", "dead unknown": "b", "dead missing": "c", "unknown missing": "c", "dead home": "d", "unknown home": "d",
		"dead detained": "đ", "unknown detained": "đ", "missing missing": "e", "home home": "g", "detained detained": "h",
		"missing home": "i", "missing detained": "k", "home detained": "l",
	}
	fates := []string{"dead", "unknown", "missing", "home", "detained", "elsewhere"}
	for _, father := range fates {
		for _, mother := range fates {
			want := points[father+" "+mother] + points[mother+" "+father]
			if father == mother {
				want = points[father+" "+mother]
			}
			text := "situation=others age=age3 father=" + father
			if father != "elsewhere" { // else the mother no longer matters
				text += " mother=" + mother
			}
			// Whether region is asked as well is tested elsewhere: a child of three has none.
			a := answers(t, f, text+" household=other health=none")
			r := f.Find(a)
			if want == "" {
				if slices.Contains(ids(r.Monthly), "child-alone") || slices.Contains(ids(r.Monthly), "carer-alone") {
					t.Errorf("%s, %s: %v, but the list does not name it", father, mother, amounts(r.Monthly))
				}
				if father != "unknown" && !slices.ContainsFunc(r.Notes, func(n support.Note) bool { return n.ID == "parent-alive" }) {
					t.Errorf("%s, %s: it is not said why there is nothing", father, mother)
				}
				continue
			}
			if got := amounts(r.Monthly); !slices.Equal(got, []string{"child-alone 1350000", "carer-alone 1350000"}) {
				t.Errorf("%s, %s: %v", father, mother, got)
			}
			if !slices.Contains(r.Citations, kb.Citation{Law: "335/2026/NĐ-CP", Article: 5, Clause: 1, Point: want}) {
				t.Errorf("%s, %s: cites %v, not point %s", father, mother, r.Citations, want)
			}
		}
	}
	// Both unknown is not on the list, but may be an abandoned child.
	r := f.Find(answers(t, f, "situation=others age=age6 father=unknown mother=unknown household=other health=none"))
	if got := amounts(r.Unsure); !slices.Equal(got, []string{"child-alone 810000", "carer-alone 810000"}) || len(r.Monthly) > 0 {
		t.Errorf("both unknown: likely %v, possible %v", amounts(r.Monthly), got)
	}
}

// TestBenefits compares what answers lead to with the decree, case by case: monthly amounts of 540.000 đồng.
func TestBenefits(t *testing.T) {
	f, _ := finder(t)
	for name, c := range map[string]struct {
		answers                 string
		monthly, unsure, single []string // single: of an event
	}{
		// Article 5 clause 1, Article 6 clause 1 a: 2,5 below four, 1,5 from four; Article 17 clause 1 for the carer.
		"abandoned, 2":       {"situation=abandoned age=under3 household=other health=none", []string{"child-alone 1350000"}, []string{"carer-alone 1350000", "protection 100000"}, nil},
		"abandoned, 5":       {"situation=abandoned age=age4 household=other health=none", []string{"child-alone 810000"}, []string{"carer-alone 810000", "protection 100000"}, nil},
		"orphan, 3":          {"situation=others age=age3 father=dead mother=dead household=other health=none", []string{"child-alone 1350000", "carer-alone 1350000"}, nil, nil},
		"orphan, 4":          {"situation=others age=age4 father=dead mother=dead household=other health=none", []string{"child-alone 810000", "carer-alone 810000"}, nil, nil},
		"orphan, 15":         {"situation=others age=age6 father=dead mother=dead household=other health=none", []string{"child-alone 810000", "carer-alone 810000"}, nil, nil},
		"orphan, father not": {"situation=others age=age6 father=elsewhere household=poor health=none", nil, nil, nil},
		"orphan, mother not": {"situation=others age=age6 father=dead mother=elsewhere household=poor health=none", nil, nil, nil},
		// Clause 2, 6.1 b: goes on from sixteen while studying; never begins then.
		"16, had it, studies":    {"situation=others age=age16 study=own household=other health=none", []string{"study-own 810000"}, nil, nil},
		"20, had it, studies":    {"situation=others age=adult study=own household=other health=none", []string{"study-own 810000"}, nil, nil},
		"16, did not have it":    {"situation=others age=age16 study=none household=other health=none", nil, nil, nil},
		"16, for a poor mother":  {"situation=one age=age16 study=parent household=poor health=none", []string{"single-parent 540000"}, nil, nil},
		"16, not for the mother": {"situation=one age=age16 study=none household=poor health=none", nil, nil, nil},
		// Clause 3, 6.1 c: HIV in a poor household, 2,5 and 2,0; clause 8, 6.1 g from sixteen if without income.
		"HIV, 3":          {"situation=both age=age3 household=poor health=hiv", []string{"child-hiv 1350000"}, nil, nil},
		"HIV, 4":          {"situation=both age=age4 household=poor health=hiv", []string{"child-hiv 1080000"}, nil, nil},
		"HIV, 15":         {"situation=both age=age6 household=poor health=hiv", []string{"child-hiv 1080000"}, nil, nil},
		"HIV, 16":         {"situation=both age=age16 study=none household=poor health=hiv", nil, []string{"hiv-from16 810000"}, nil},
		"HIV, not poor":   {"situation=both age=age6 household=near health=hiv", nil, nil, nil},
		"HIV, orphan, 3":  {"situation=others age=age3 father=dead mother=dead household=poor health=hiv", []string{"child-alone 1350000", "carer-alone 1350000"}, nil, nil},
		"HIV, orphan, 10": {"situation=others age=age6 father=dead mother=dead household=poor health=hiv", []string{"child-hiv 1080000", "carer-alone 810000"}, nil, nil},
		// Clause 4, 6.1 d: the poor or near-poor single parent, 1,0 for each child below sixteen.
		"single, never married, poor": {"situation=one age=age6 other=never household=poor health=none self=none", []string{"single-parent 540000"}, nil, nil},
		"single, widowed, near poor":  {"situation=one age=age6 other=dead household=near health=none self=none", []string{"single-parent 540000"}, nil, nil},
		"single, spouse missing":      {"situation=one age=age6 other=missing household=poor health=none self=none", []string{"single-parent 540000"}, nil, nil},
		"single, widowed, not poor":   {"situation=one age=age6 other=dead household=other health=none", nil, nil, nil},
		"divorced, poor":              {"situation=one age=age6 other=divorced household=poor health=none", nil, nil, nil},
		"spouse in prison, poor":      {"situation=one age=age6 other=elsewhere household=poor health=none", nil, nil, nil},
		// Clause 6, 6.1 e: children 2,5 and 2,0, from sixteen 2,0 and 1,5; 17.2 c for the family, 17.2 d for who takes a child in.
		"especially severe, 10": {"situation=both age=age6 household=other health=especially", []string{"child-disabled-especially 1350000", "family-disabled 540000"}, nil, nil},
		"especially severe, 16": {"situation=both age=age16 study=none household=other health=especially", []string{"child-disabled-especially 1080000", "family-disabled 540000"}, nil, nil},
		"severe, 15":            {"situation=both age=age6 household=other health=severe", []string{"child-disabled-severe 1080000"}, nil, nil},
		"severe, 16":            {"situation=both age=age16 study=none household=other health=severe", []string{"child-disabled-severe 810000"}, nil, nil},
		"disabled, no paper": {"situation=both age=age6 household=other health=unsure", nil,
			[]string{"child-disabled-especially 1350000", "child-disabled-severe 1080000", "family-disabled 540000"}, nil},
		"especially severe, taken in, 10": {"situation=others age=age6 father=dead mother=dead household=other health=especially",
			[]string{"child-disabled-especially 1350000", "carer-disabled 1350000"}, nil, nil},
		"especially severe, with grandparents": {"situation=others age=age6 father=elsewhere household=other health=especially",
			[]string{"child-disabled-especially 1350000", "family-disabled 540000"}, []string{"carer-disabled 1350000"}, nil},
		// Clause 7, 6.1 g: below three, poor or near poor, in a listed commune, and not of clauses 1, 3 and 6.
		"below 3, listed, near poor": {"situation=both age=under3 household=near health=none region=listed self=none", []string{"child-region 810000"}, nil, nil},
		"below 3, not listed":        {"situation=both age=under3 household=poor health=none region=not self=none", nil, nil, nil},
		"below 3, not poor":          {"situation=both age=under3 household=other health=none self=none", nil, nil, nil},
		"3, poor":                    {"situation=both age=age3 household=poor health=none", nil, nil, nil},
		"below 3, orphan":            {"situation=others age=under3 father=dead mother=dead household=poor health=none", []string{"child-alone 1350000", "carer-alone 1350000"}, nil, nil},
		"below 3, severe":            {"situation=both age=under3 household=poor health=severe self=none", []string{"child-disabled-severe 1080000"}, nil, nil},
		// Article 6 clause 2: the poor single parent who is disabled, old or has HIV gets both; the child's own is the child's.
		"exception, severe":     {"situation=one age=age6 other=dead household=near health=none self=severe", []string{"single-parent 540000", "parent-disabled 810000"}, nil, nil},
		"exception, especially": {"situation=one age=age6 other=never household=poor health=none self=especially", []string{"single-parent 540000", "parent-disabled 1080000"}, nil, nil},
		"exception, HIV":        {"situation=one age=age6 other=never household=poor health=none self=hiv", []string{"single-parent 540000"}, []string{"parent-hiv 810000"}, nil},
		"exception, 60":         {"situation=one age=age6 other=never household=poor health=none self=age60", []string{"single-parent 540000"}, []string{"parent-old 810000"}, nil},
		"exception, 75":         {"situation=one age=age6 other=never household=poor health=none self=age75", []string{"single-parent 540000"}, []string{"parent-old 1080000"}, nil},
		"exception, near poor":  {"situation=one age=age6 other=never household=near health=none self=none", []string{"single-parent 540000"}, nil, nil},
		"child and parent":      {"situation=one age=age6 other=dead household=poor health=severe self=severe", []string{"child-disabled-severe 1080000", "single-parent 540000", "parent-disabled 810000"}, nil, nil},
		// Article 17 clause 2 a, b: a disabled parent of a child below 36 months, besides the parent's own.
		"disabled mother, below 3": {"situation=both age=under3 household=other health=none self=severe", []string{"parent-disabled 810000", "parent-care 810000"}, []string{"parent-care-two 1080000"}, nil},
		// Article 22 clause 1, Article 23 clause 2: in a facility.
		"facility, 3":  {"situation=facility age=age3", []string{"facility 2700000"}, nil, nil},
		"facility, 4":  {"situation=facility age=age4", []string{"facility 2160000"}, nil, nil},
		"facility, 16": {"situation=facility age=age16", nil, []string{"facility 2160000"}, nil},
		// Articles 11, 12: emergencies and burial.
		"house destroyed": {"situation=event event=destroyed", nil, []string{"rice"}, []string{"house-destroyed 40000000"}},
		"relocation":      {"situation=event event=moved", nil, []string{"rice"}, []string{"relocation 30000000"}},
		"house damaged":   {"situation=event event=damaged", nil, []string{"rice"}, []string{"house-repair 20000000"}},
		"injured":         {"situation=event event=injured", nil, nil, []string{"injured 5400000"}},
		"death":           {"situation=event event=death", nil, nil, []string{"death 27000000"}},
		"burial":          {"situation=event event=burial", nil, []string{"death 27000000"}, []string{"burial 10800000"}},
		"hunger":          {"situation=event event=hunger", nil, nil, []string{"rice"}},
		// Articles 15 to 18 and Decree 131/2026 Article 5: protection, treatment of a victim below eighteen.
		"harmed, 10": {"situation=harmed age=age6", nil, []string{"child-fund 253000000"}, []string{"protection 100000"}},
		"harmed, 17": {"situation=harmed age=age16", nil, []string{"child-fund 253000000"}, []string{"protection 100000"}},
		"harmed, 18": {"situation=harmed age=adult", nil, nil, []string{"protection 100000"}},
		"nothing":    {"situation=both age=age6 household=other health=none", nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := f.Find(answers(t, f, c.answers))
			for what, pair := range map[string][2][]string{"monthly": {amounts(r.Monthly), c.monthly}, "possible": {amounts(r.Unsure), c.unsure}, "once": {amounts(r.Once), c.single}} {
				if !slices.Equal(pair[0], pair[1]) {
					t.Errorf("%s: %v, want %v", what, pair[0], pair[1])
				}
			}
			var sum int64
			for _, g := range r.Monthly {
				sum += g.Amounts[0]
			}
			if r.Total != sum {
				t.Errorf("total %d, want %d", r.Total, sum)
			}
		})
	}
}

// TestOtherHelp covers what is not a monthly allowance.
func TestOtherHelp(t *testing.T) {
	f, _ := finder(t)
	for text, want := range map[string]struct{ has, lacks string }{
		"situation=both age=age4 household=poor health=none":                                   {"insurance-under6 tuition study-costs legal-aid", "insurance-poor insurance-pupil poor-review"},
		"situation=both age=age6 household=poor health=none":                                   {"insurance-poor study-costs", "insurance-under6 insurance-pupil"},
		"situation=both age=age6 household=near health=none":                                   {"insurance-near", "insurance-poor study-costs poor-review"},
		"situation=both age=age6 household=other health=none":                                  {"insurance-pupil poor-review legal-aid", "insurance-near study-costs"},
		"situation=both age=age6 household=other health=severe":                                {"insurance-allowance study-costs", "insurance-pupil disability-paper"},
		"situation=both age=age6 household=other health=unsure":                                {"disability-paper", "insurance-allowance"},
		"situation=others age=age6 father=dead mother=dead household=other health=none":        {"insurance-allowance study-costs", "child-support insurance-pupil"},
		"situation=others age=age6 father=detained mother=detained household=near health=none": {"insurance-allowance", "study-costs insurance-near"},
		"situation=one age=age6 other=divorced household=poor health=none":                     {"child-support", ""},
		"situation=harmed age=age6":                                                            {"legal-aid facility-place-urgent", "legal-aid-16"},
		"situation=harmed age=age16":                                                           {"legal-aid-16", "legal-aid"},
		"situation=both age=adult study=none household=other health=none":                      {"", "tuition legal-aid insurance-pupil"},
		"situation=abandoned age=age6 household=other health=none":                             {"facility-place", ""},
		"situation=event event=destroyed":                                                      {"essentials gift", "tuition"},
	} {
		got := ids(f.Find(answers(t, f, text)).Help)
		for _, id := range strings.Fields(want.has) {
			if !slices.Contains(got, id) {
				t.Errorf("%s: %v lacks %s", text, got, id)
			}
		}
		for _, id := range strings.Fields(want.lacks) {
			if slices.Contains(got, id) {
				t.Errorf("%s: %v has %s", text, got, id)
			}
		}
	}
}

func TestAgeBorders(t *testing.T) {
	f, _ := finder(t)
	q, _ := f.Question("age")
	for months, want := range map[int]string{0: "under3", 35: "under3", 36: "age3", 47: "age3", 48: "age4", 71: "age4", 72: "age6",
		191: "age6", 192: "age16", 215: "age16", 216: "adult", 1200: "adult"} {
		if o, ok := q.OfAge(months); !ok || o.ID != want {
			t.Errorf("%d months is %q, want %q", months, o.ID, want)
		}
	}
	if o, ok := q.OfAge(-1); ok {
		t.Errorf("-1 months is %q", o.ID)
	}
}

// TestSkippedAnswersLeaveConditions: what hangs on an answer left out is told with its condition, never as likely.
func TestSkippedAnswersLeaveConditions(t *testing.T) {
	f, _ := finder(t)
	r := f.Find(answers(t, f, "situation=others age=? father=dead mother=dead household=? health=?"))
	if got := amounts(r.Monthly); !slices.Equal(got, []string{"child-alone 810000|1350000", "carer-alone 810000|1350000"}) || r.Total != 0 {
		t.Errorf("age left out: %v, total %d", got, r.Total)
	}
	if text := f.Text(r, "", ""); !strings.Contains(text, "810.000 hoặc 1.350.000 đồng/tháng") {
		t.Errorf("the text does not give both amounts:\n%s", text)
	}
	r = f.Find(answers(t, f, "situation=one age=age6 other=? household=? health=none"))
	if got := amounts(r.Unsure); len(r.Monthly) > 0 || !slices.Equal(got, []string{"single-parent 540000", "parent-disabled 810000|1080000"}) {
		t.Errorf("household left out: likely %v, possible %v", amounts(r.Monthly), got)
	}
	if text := f.Text(r, "", ""); !strings.Contains(text, "nếu nhà thuộc hộ nghèo hoặc cận nghèo") {
		t.Errorf("the condition is not told:\n%s", text)
	}
	if r = f.Find(answers(t, f, "situation=? age=? household=? health=?")); len(r.Monthly)+len(r.Once) > 0 || len(r.Unsure) == 0 {
		t.Errorf("nothing known: likely %v, possible %v", amounts(r.Monthly), amounts(r.Unsure))
	}
}

func TestAnswerAndBack(t *testing.T) {
	f, _ := finder(t)
	a := answers(t, f, "situation=others age=age6 father=dead mother=dead household=other health=none")
	if _, ok := f.Answer(a, "father", "missing"); !ok {
		t.Error("an earlier answer cannot be changed")
	}
	b, _ := f.Answer(a, "father", "missing")
	if want := (support.Answers{"situation": "others", "age": "age6", "father": "missing"}); !maps.Equal(b, want) {
		t.Errorf("changing an answer left %v", b)
	}
	if len(a) != 6 {
		t.Errorf("changing an answer changed the former answers: %v", a)
	}
	for _, wrong := range [][2]string{{"nothing", "both"}, {"age", "both"}, {"self", "none"}, {"event", "death"}, {"", ""}} {
		if got, ok := f.Answer(a, wrong[0], wrong[1]); ok || !maps.Equal(got, a) {
			t.Errorf("%v was taken as an answer", wrong)
		}
	}
	back := f.Back(f.Back(a))
	if _, has := back["household"]; has || len(back) != 4 {
		t.Errorf("two steps back left %v", back)
	}
	if got := f.Back(support.Answers{}); len(got) != 0 {
		t.Errorf("back from the start: %v", got)
	}
}

// TestEveryWay answers in every way, also by leaving questions out: never too many questions, never too long a result,
// never an amount that is not a multiple of the standard or a fact, always who decides and whom to call.
func TestEveryWay(t *testing.T) {
	f, _ := finder(t)
	ways, most := 0, 0
	support.Walk(f, func(a support.Answers, r support.Result) {
		ways++
		most = max(most, len(a))
		text := f.SMS(r)
		if encoding, segments := sms.Measure(text); encoding != sms.GSM7 || segments > 3 {
			t.Errorf("%v: %d segments of %s: %s", a, segments, encoding, text)
		}
		if !strings.Contains(text, "111") || !strings.Contains(text, "quyet dinh") {
			t.Errorf("%v: the SMS lacks 111 or who decides: %s", a, text)
		}
		for _, who := range []kb.Audience{kb.AudienceParent, kb.AudienceChild} {
			text := f.Text(r, who, "con")
			if !strings.Contains(text, "111") || !strings.Contains(text, "UBND xã/phường") || strings.Contains(text, "{") {
				t.Errorf("%v, %s: %s", a, who, text)
			}
			if who == kb.AudienceChild && strings.Contains(text, "anh/chị") {
				t.Errorf("%v: a child is addressed as an adult: %s", a, text)
			}
		}
		seen := map[string]bool{}
		for _, g := range slices.Concat(r.Monthly, r.Once) {
			if g.Highest != "" && seen[g.Highest] {
				t.Errorf("%v: two of %s: %v", a, g.Highest, amounts(r.Monthly))
			}
			seen[g.Highest] = true
			if g.Since.IsZero() {
				t.Errorf("%v: %s has no date", a, g.ID)
			}
		}
		if a["situation"] == "harmed" && !strings.HasPrefix(text, "Goi 111") {
			t.Errorf("%v: the numbers do not come first: %s", a, text)
		}
	})
	if most > 6 || ways < 1000 {
		t.Errorf("%d ways, up to %d questions", ways, most)
	}
	t.Logf("%d ways through the questions, at most %d asked", ways, most)
}

// TestCoefficientsOfTheDecree compares every coefficient with the official text, where it is at hand.
func TestCoefficientsOfTheDecree(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "laws", "nd-335-2026-nd-cp.txt"))
	if errors.Is(err, fs.ErrNotExist) {
		text, err = os.ReadFile("/work/shared/laws/nd-335-2026-nd-cp.txt")
	}
	if err != nil {
		t.Skip("the official text is not at hand: ", err)
	}
	official := coefficients(string(text))
	f, _ := finder(t)
	used := map[string]bool{}
	for _, b := range f.Benefits {
		for _, r := range b.Rates {
			if r.Coefficient == 0 || b.Kind == support.Once {
				continue
			}
			c := r.Citations[0]
			place := strings.TrimSpace(strconv.Itoa(c.Article) + " " + strconv.Itoa(c.Clause) + " " + c.Point)
			value := strings.ReplaceAll(strconv.FormatFloat(r.Coefficient, 'f', 1, 64), ".", ",")
			if !slices.Contains(official[place], value) {
				t.Errorf("%s: coefficient %s is not in %s: %v", b.ID, value, place, official[place])
			}
			used[place+": "+value] = true
		}
	}
	adults := map[string]bool{"6 1 đ: 3,0": true, "17 2 d: 1,5": true}
	for place, values := range official {
		for _, v := range values {
			if name := place + ": " + v; strings.HasPrefix(place, "6 1") || strings.HasPrefix(place, "17 ") || strings.HasPrefix(place, "22 1") {
				if !used[name] && !adults[name] {
					t.Errorf("the decree has coefficient %s, the finder does not", name)
				}
			}
		}
	}
}

var (
	articleLine = regexp.MustCompile(`^Điều (\d+)\.`)
	clauseLine  = regexp.MustCompile(`^(\d+)\. `)
	pointLine   = regexp.MustCompile(`^(\p{L})\) `)
	coefficient = regexp.MustCompile(`[Hh]ệ số (\d,\d)`)
)

// coefficients lists them by "article clause point".
func coefficients(text string) map[string][]string {
	out := map[string][]string{}
	var article, clause, point string
	for _, line := range strings.Split(text, "\n") {
		if m := articleLine.FindStringSubmatch(line); m != nil {
			article, clause, point = m[1], "", ""
		} else if m := clauseLine.FindStringSubmatch(line); m != nil {
			clause, point = m[1], ""
		} else if m := pointLine.FindStringSubmatch(line); m != nil {
			point = m[1]
		}
		for _, m := range coefficient.FindAllStringSubmatch(line, -1) {
			place := strings.TrimSpace(article + " " + clause + " " + point)
			if !slices.Contains(out[place], m[1]) {
				out[place] = append(out[place], m[1])
			}
		}
	}
	return out
}

// edited is the content with one replacement in one file.
func edited(t *testing.T, file, old, replacement string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(content.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(content.FS, name)
		if name == file {
			if !strings.Contains(string(data), old) {
				t.Fatalf("%s does not hold %q", file, old)
			}
			data = []byte(strings.ReplaceAll(string(data), old, replacement))
		}
		out[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestAmountsFollowTheStandard: a new standard changes every amount, and the check finds the facts left behind.
func TestAmountsFollowTheStandard(t *testing.T) {
	fsys := edited(t, "facts/support.yaml", "standard-allowance\n  text: \"540.000", "standard-allowance\n  text: \"600.000")
	c, err := kb.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	f, err := support.Read(fsys, c)
	if err != nil {
		t.Fatal(err)
	}
	r := f.Find(answers(t, f, "situation=others age=age3 father=dead mother=dead household=other health=none"))
	if r.Total != 3_000_000 {
		t.Errorf("2,5 and 2,5 of 600.000 make %d", r.Total)
	}
	problems := support.Check(f, c, now)
	if len(problems) == 0 || !strings.Contains(problems[0].What, "1.500.000") {
		t.Errorf("the check did not find the old facts: %v", problems)
	}
}

func TestCheck(t *testing.T) {
	f, c := finder(t)
	for _, p := range support.Check(f, c, now) {
		t.Errorf("the content: %s", p)
	}
	for name, test := range map[string]struct{ old, new, want string }{
		"unchecked":            {"checked_on: 2026-11-26", "checked_on: 2025-11-20", "more than a year ago"},
		"citation":             {`{law: "335/2026/NĐ-CP", article: 5, clause: 7}`, `{law: "335/2026/NĐ-CP", article: 36}`, "cites Điều 36"},
		"repealed law":         {`{law: "335/2026/NĐ-CP", article: 5, clause: 7}`, `{law: "20/2021/NĐ-CP", article: 5}`, "which ended on"},
		"unknown law":          {`{law: "335/2026/NĐ-CP", article: 5, clause: 7}`, `{law: "1/2026/NĐ-CP", article: 5}`, "not in laws/"},
		"entry":                {"entry: benefit-rice", "entry: benefit-noodles", `entry "benefit-noodles" does not exist`},
		"fact":                 {"fact: house-destroyed", "fact: house-gone", `fact "house-gone" is not defined`},
		"wrong coefficient":    {"coefficient: 2.5, fact: hiv-under4", "coefficient: 2.0, fact: hiv-under4", "but fact hiv-under4 says"},
		"question too long":    {`sms: "Tre song voi ai?"`, `sms: "Tre hien dang song voi ai, o dau?"`, "as an SMS; one message holds 160"},
		"marks in SMS":         {`sms: "Tre song voi ai?"`, `sms: "Trẻ sống với ai?"`, "not plain text"},
		"unknown option":       {"household: [poor], health: [hiv]}]\n    rates", "household: [rich], health: [hiv]}]\n    rates", `has no option "rich"`},
		"unknown question":     {"when: [{self: [especially, severe]}]", "when: [{myself: [especially]}]", `question "myself" does not exist`},
		"unknown group":        {"when: [{group: [alone]}]", "when: [{group: [lonely]}]", `group "lonely" does not exist`},
		"later question":       {"ask: [{situation: [event]}]", "ask: [{household: [poor]}]", "comes later"},
		"unknown step":         {"steps: [form01, apply]", "steps: [form09, apply]", `step "form09" does not exist`},
		"unreachable benefit":  {"when: [{event: [moved]}]", "when: [{event: [moved], household: [poor]}]", "no answers lead to benefit relocation"},
		"unreachable question": {"ask: [{situation: [event]}]", "ask: [{situation: [event], age: [age3]}]", "no answers lead to question event"},
		"no condition":         {"if: {parent: \"nhà thiếu đói\", sms: \"nha thieu doi\"}", "", "maybe needs if"},
		"result too long":      {`sms: "UBND xa/phuong quyet dinh. Hoi: 111, mien phi."`, `sms: "UBND xa/phuong noi cu tru xem xet va quyet dinh theo luat. Hoi: 111, mien phi."`, "three messages hold 459"},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := edited(t, support.File, test.old, test.new)
			broken, err := support.Read(fsys, c)
			if err != nil {
				t.Fatal(err)
			}
			problems := support.Check(broken, c, now)
			if !slices.ContainsFunc(problems, func(p kb.Problem) bool { return strings.Contains(p.What, test.want) }) {
				t.Errorf("no problem says %q: %v", test.want, problems)
			}
		})
	}
}

func TestReadNamesWhatIsWrong(t *testing.T) {
	_, c := finder(t)
	for name, test := range map[string]struct{ old, new, want string }{
		"fact in a text":  {"{{apply-days}}", "{{apply-weeks}}", `fact "apply-weeks"`},
		"standard":        {"standard: standard-allowance", "standard: rice", "is no amount"},
		"unknown field":   {"highest: child\n", "heighest: child\n", "heighest"},
		"missing saying":  {"  go-on:", "  go-off:", "says.go-on is missing"},
		"unknown saying":  {"  go-on:", "  go-off:", "says.go-off is not used"},
		"no limit":        {"most: 6", "most: 0", "most and questions"},
		"broken document": {"questions:\n", "questions:\n  - [", "yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := support.Read(edited(t, support.File, test.old, test.new), c); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v does not say %q", err, test.want)
			}
		})
	}
	if _, err := support.Read(fstest.MapFS{}, c); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// TestNamesAreFolded: words that people write are compared without marks, so the lists must hold none.
func TestNamesAreFolded(t *testing.T) {
	f, _ := finder(t)
	lists := [][]string{f.Words.Skip, f.Words.Back, f.Words.Leave}
	for i := range f.Questions {
		q := &f.Questions[i]
		names := map[string]string{}
		for _, o := range q.Options {
			lists = append(lists, o.Words)
			for _, w := range append(slices.Clone(o.Words), vitext.Fold(o.Parent), vitext.Fold(o.SMS)) {
				if other, twice := names[w]; twice && other != o.ID {
					t.Errorf("question %s: %q names %s and %s", q.ID, w, other, o.ID)
				}
				names[w] = o.ID
			}
			if !o.Named(vitext.Fold(o.Parent)) || !o.Named(vitext.Fold(o.SMS)) || o.Named("") {
				t.Errorf("question %s, option %s is not found by its names", q.ID, o.ID)
			}
		}
	}
	for _, list := range lists {
		for _, w := range list {
			if vitext.Fold(w) != w {
				t.Errorf("%q has marks or capitals", w)
			}
		}
	}
}

func TestDong(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1.000", 540000: "540.000", 1350000: "1.350.000", 253000000: "253.000.000"} {
		if got := support.Dong(n); got != want {
			t.Errorf("Dong(%d) = %s, want %s", n, got, want)
		}
	}
}
