package triage

import (
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"treem/kb/vitext"
)

// tools are an assessor and a normaliser.
type tools struct {
	*Assessor
	norm *vitext.Normaliser
}

func newTools(tb testing.TB) tools {
	tb.Helper()
	a, err := New()
	if err != nil {
		tb.Fatal(err)
	}
	n, err := vitext.New()
	if err != nil {
		tb.Fatal(err)
	}
	return tools{a, n}
}

func (t tools) say(s string, c Context) Assessment { return t.Assess(t.norm.Normalise(s), c) }

func readFile(tb testing.TB, name string) []Example {
	tb.Helper()
	f, err := os.Open(name)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	all, err := ReadExamples(f)
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	return all
}

// TestReadableCases holds what must never break, as data for staff to read and extend.
func TestReadableCases(t *testing.T) {
	x := newTools(t)
	for _, name := range []string{"testdata/must-alarm.jsonl", "testdata/must-not-alarm.jsonl"} {
		for _, e := range readFile(t, name) {
			got := x.say(e.Text, Context{})
			if (got.Level == None) != (e.Level == None) || got.Level.Rank() < e.Level.Rank() {
				t.Errorf("%q: %s, want %s (%q)", e.Text, got.Level, e.Level, got.Reasons)
			}
			if e.Level != None && (got.Category == "" || len(got.Reasons) == 0) {
				t.Errorf("%q: category %q, reasons %q", e.Text, got.Category, got.Reasons)
			}
		}
	}
}

func TestOddTexts(t *testing.T) {
	x := newTools(t)
	for name, s := range map[string]string{
		"empty": "", "spaces": " \n\t ", "points": "...", "question": "?", "emoji": "🙂🙂", "invalid": "\xff\xfe\x00",
		"mixed invalid": "ok \xc3\x28 chao", "one letter": "a", "number": "12345", "long word": strings.Repeat("a", 10000),
		"greeting": "chào", "control": "\u202e\u200b\u0000chào bot",
	} {
		if got := x.say(s, Context{}); got.Level != None || got.Subject != Unknown || got.Rules == "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestSafeWord: the configured word raises a case from anywhere, in any spelling, but not inside another word.
func TestSafeWord(t *testing.T) {
	x := newTools(t)
	c := Context{SafeWord: "hoa mai vang"}
	for _, s := range []string{"hoa mai vàng", "HOA MAI VANG", "cho hỏi mua hoa mai vàng ở đâu ạ"} {
		if got := x.say(s, c); got.Level != Emergency || len(got.Reasons) == 0 || got.Reasons[0] != "từ an toàn" {
			t.Errorf("%q: %+v", s, got)
		}
	}
	for _, s := range []string{"hoa mai", "hoa mai vangx9", "khoa mai vang"} {
		if got := x.say(s, c); got.Level != None {
			t.Errorf("%q: %+v", s, got)
		}
	}
	if got := x.say("hoa mai vàng", Context{}); got.Level != None {
		t.Errorf("without a safe word: %+v", got)
	}
}

// TestOpenCase: context may only lower the bar.
func TestOpenCase(t *testing.T) {
	x := newTools(t)
	for _, e := range readFile(t, "testdata/must-alarm.jsonl") {
		if got := x.say(e.Text, Context{OpenCase: true}); got.Level == None {
			t.Errorf("%q: no alarm in an open case", e.Text)
		}
	}
}

// TestBuried: danger is found in the middle of a long ordinary story.
func TestBuried(t *testing.T) {
	x := newTools(t)
	const story = "Hôm nay con đi học về. Con ăn cơm với ngoại. Chiều con đá banh với bạn. Trời mát lắm. Con làm bài tập toán. Con thích vẽ. "
	for _, danger := range []string{"Dượng hay sờ vùng kín con, dượng dặn không được nói với mẹ. ", "Ba đang cầm dao đòi giết mẹ con. "} {
		if got := x.say(story+danger+story, Context{}); got.Level == None {
			t.Errorf("not found: %q", danger)
		}
	}
	if got := x.say(story+story, Context{}); got.Level != None {
		t.Errorf("the story alone: %+v", got)
	}
}

func TestSameForAll(t *testing.T) {
	x := newTools(t)
	cases := append(readFile(t, "testdata/must-alarm.jsonl"), readFile(t, "testdata/must-not-alarm.jsonl")...)
	first := x.Evaluate(x.norm, cases)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i, r := range x.Evaluate(x.norm, cases) {
				if got, want := strings.Join(r.Got.Reasons, "|"), strings.Join(first[i].Got.Reasons, "|"); got != want || r.Got.Level != first[i].Got.Level {
					t.Errorf("%q: %q, then %q", r.Text, want, got)
				}
			}
		})
	}
	all.Wait()
}

// TestLinear: ten times the text takes about ten times as long.
func TestLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("measures time")
	}
	x := newTools(t)
	const part = "con chao co, con ten la Nam, ba con hay danh con khi say, con so lam, con khong biet noi voi ai. "
	best := func(n int) time.Duration {
		text := x.norm.Normalise(strings.Repeat(part, n))
		least := time.Hour
		for range 7 {
			start := time.Now()
			x.Assess(text, Context{})
			least = min(least, time.Since(start))
		}
		return least
	}
	short, long := best(10), best(100)
	t.Logf("%d characters: %s; %d characters: %s", 10*len(part), short, 100*len(part), long)
	if long > 30*short {
		t.Errorf("not linear: %s for 10 parts, %s for 100", short, long)
	}
}

func BenchmarkAssess(b *testing.B) {
	x := newTools(b)
	for name, s := range map[string]string{
		"sms":   "Con chao co, con hoc lop 7, ba con hay uong ruou roi danh me con, hom qua ba cam dao doi chem, con so lam, con khong biet phai lam sao, co giup con voi",
		"short": "cho hoi luat tre em",
		"10000": strings.Repeat("hôm nay con đi học về, con ăn cơm với ngoại rồi đi đá banh. ", 150),
	} {
		text := x.norm.Normalise(s)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				x.Assess(text, Context{})
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := New(); err != nil {
			b.Fatal(err)
		}
	}
}
