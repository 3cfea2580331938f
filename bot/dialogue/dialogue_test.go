package dialogue

import (
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"treem/bot/triage"
	"treem/kb"
	"treem/kb/content"
	"treem/kb/vitext"
)

var opened = sync.OnceValues(func() (*Book, error) {
	c, err := kb.Load(content.FS)
	if err != nil {
		return nil, err
	}
	return ReadBook(content.FS, c)
})

func book(t *testing.T) (*Book, *vitext.Normaliser) {
	t.Helper()
	b, err := opened()
	if err != nil {
		t.Fatal(err)
	}
	n, err := vitext.New()
	if err != nil {
		t.Fatal(err)
	}
	return b, n
}

func TestCommands(t *testing.T) {
	b, n := book(t)
	for text, want := range map[string]Command{
		"DUNG": CommandStop, "dừng": CommandStop, "Stop!": CommandStop, "đúng": "", "dung danh con": "", "STOP 12345": "",
		"XOA": CommandErase, "xoá": CommandErase, "xóa.": CommandErase, "xoa du lieu": CommandErase, "xóa du lieu": CommandErase, "xoa mun cho be": "",
		"khong phai vay": CommandWithdraw, "Không phải vậy": CommandWithdraw, "ko phai vay": CommandWithdraw, "khong phai con toi": "",
		"MENU": CommandMenu, "/menu": CommandMenu, "BAT DAU": CommandStart, "/start": CommandStart,
		"cảm ơn ạ": CommandThanks, "xin chao": CommandHello, "Tôi là phụ huynh": CommandParent, "em la tre em": CommandChild, "": "",
	} {
		if got, _ := b.command(n.Normalise(text)); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	b, _ := book(t)
	menu := []Option{{Payload: "a"}, {Payload: "b"}, {Payload: "c"}}
	for text, want := range map[string][2]string{
		"2": {"b", ""}, "2.": {"b", ""}, " 3) ": {"c", ""}, "số 1": {"a", ""}, "chon 2 nhe": {"b", "nhe"}, "2 muốn hỏi thêm": {"b", "muốn hỏi thêm"},
		"2 tuổi": {}, "3 thang tuoi": {}, "4": {}, "0": {}, "-1": {}, "111": {}, "hai": {}, "": {}, "99999999999999999999": {},
	} {
		o, rest, _ := b.number(menu, text)
		if o.Payload != want[0] || rest != want[1] {
			t.Errorf("%q chooses %q with %q, want %q", text, o.Payload, rest, want)
		}
	}
	if _, _, ok := b.number(nil, "1"); ok {
		t.Error("a number was a choice although nothing was offered")
	}
}

func TestVoices(t *testing.T) {
	b, n := book(t)
	for text, want := range map[string]State{
		"con toi bi sot":                       {Audience: kb.AudienceParent},
		"Bé nhà em bị bỏng nước sôi":           {Audience: kb.AudienceParent},
		"Con nhỏ tui học lớp 2":                {Audience: kb.AudienceParent},
		"ba me con doc nhat ky cua con":        {Audience: kb.AudienceChild, Self: "con"},
		"me e doc tin nhan cua e co dc k":      {Audience: kb.AudienceChild, Self: "em"},
		"trợ cấp bao nhiêu":                    {},
		"lớp con có bạn ăn hiếp con, con buồn": {Audience: kb.AudienceChild, Self: "con"},
	} {
		got := b.voices.hear(State{}, n.Normalise(text))
		if got.Audience != want.Audience || got.Self != want.Self {
			t.Errorf("%q: %q %q, want %q %q", text, got.Audience, got.Self, want.Audience, want.Self)
		}
	}
	known := State{Audience: kb.AudienceChild, Self: "con"}
	if got := b.voices.hear(known, n.Normalise("trợ cấp bao nhiêu")); got.Audience != kb.AudienceChild {
		t.Error("a message without signs changed what was known")
	}
}

// TestEveryAdviceIsSafeToSend checks what a person in danger reads, for every category and wording.
func TestEveryAdviceIsSafeToSend(t *testing.T) {
	b, n := book(t)
	for category, a := range b.advice {
		for _, text := range []string{a.Parent, a.Child, a.SMS} {
			first, _, _ := strings.Cut(text, "\n")
			if !strings.Contains(first, a.Numbers[0]) {
				t.Errorf("%s: the first line lacks %s: %s", category, a.Numbers[0], first)
			}
			for _, number := range a.Numbers {
				if text != a.SMS && !strings.Contains(text, number) {
					t.Errorf("%s: %s is not in %s", category, number, first)
				}
			}
		}
		if len(a.SMS) > 160 || vitext.GSM(a.SMS) != a.SMS {
			t.Errorf("%s: the SMS takes %d characters or needs marks", category, len(a.SMS))
		}
		if strings.Contains(a.Child, "anh/chị") || strings.Contains(a.Parent, "{em}") {
			t.Errorf("%s: a text addresses the wrong person", category)
		}
		in := Input{Event: Wrote, Text: n.Normalise("x"), Medium: SMS, NewCaseID: "c",
			Assessment: triage.Assessment{Level: triage.Emergency, Category: category}}
		if d := b.Step(State{Stopped: true}, in); d.Kind != KindHandover || d.Case == nil || d.Say[0].Text != a.SMS {
			t.Errorf("%s: handover %+v", category, d)
		}
	}
}

func TestUnknownCategoryGetsTheLevelsAdvice(t *testing.T) {
	b, n := book(t)
	for _, level := range []triage.Level{triage.Urgent, triage.Emergency} {
		d := b.Step(State{}, Input{Event: Wrote, Text: n.Normalise("x"), Medium: Chat, NewCaseID: "c", Assessment: triage.Assessment{Level: level, Category: "new"}})
		if d.Say[0].Text != b.advice[string(level)].Parent {
			t.Errorf("%s: %s", level, d.Say[0].Text)
		}
	}
}

func TestGroupIsNeverToldAboutACase(t *testing.T) {
	b, n := book(t)
	d := b.Step(State{}, Input{Event: Wrote, Text: n.Normalise("x"), Medium: Chat, Group: true, NewCaseID: "c",
		Assessment: triage.Assessment{Level: triage.Urgent, Category: "sexual_abuse"}})
	if len(d.Say) != 1 || !strings.Contains(d.Say[0].Text, "nhắn riêng") || !strings.Contains(d.Say[0].Text, "111") || d.Case == nil {
		t.Errorf("in a group: %+v", d)
	}
}

func TestReadBookNamesWhatIsWrong(t *testing.T) {
	b, _ := book(t)
	for name, c := range map[string]struct{ file, from, to, says string }{
		"missing phrase":  {"phrases.yaml", "fallback:", "fallbock:", `"fallback" is missing`},
		"unknown command": {"commands.yaml", "hello:", "hallo:", `"hallo"`},
		"word twice":      {"commands.yaml", "menu: [", "menu: [dừng, ", `"dừng"`},
		"missing advice":  {"handover.yaml", "\nurgent:", "\nurgend:", `"urgent" is missing`},
		"unknown entry":   {"menu.yaml", "rights-list", "rights-lost", `"rights-lost"`},
		"missing topic":   {"menu.yaml", "topic: rights", "topic: support", `"rights"`},
		"unknown field":   {"voices.yaml", "parent:", "parents:", "voices.yaml"},
		"file not there":  {"profile.yaml", "", "", "profile.yaml"},
		"no first ask":    {"questions.yaml", "id: contact", "id: kontact", "\"contact\""},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := fstest.MapFS{}
			files, err := fs.Glob(content.FS, "*.yaml")
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				data, err := fs.ReadFile(content.FS, file)
				if err != nil {
					t.Fatal(err)
				}
				if file == c.file {
					if c.from == "" {
						continue
					}
					data = []byte(strings.Replace(string(data), c.from, c.to, 1))
				}
				fsys[file] = &fstest.MapFile{Data: data}
			}
			if _, err := ReadBook(fsys, b.content); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v does not say %s", err, c.says)
			}
		})
	}
}

// TestBeside says that behind an answer that is not quite sure stand the numbers of other questions, and that a number
// brings the one that stands beside it.
func TestBeside(t *testing.T) {
	b, n := book(t)
	ids := []string{"benefit-orphan-both", "benefit-apply", "birth-where"}
	var hits []kb.Hit
	for _, id := range ids {
		e, ok := b.content.Entry(id)
		if !ok {
			t.Fatalf("no entry %q", id)
		}
		hits = append(hits, kb.Hit{Entry: e})
	}
	in := Input{Event: Wrote, Medium: SMS, Text: n.Normalise("tien cho tre mo coi"), Now: time.Now()}
	for choices, want := range map[int]int{0: 0, 2: 1, 3: 2} {
		d := b.Answer(Decision{State: State{Greeted: true}}, in, &kb.Result{Verdict: kb.VerdictAnswer, Confidence: .7, Hits: hits, Choices: choices})
		if d.Kind != KindAnswer || d.Hits[0].ID() != ids[0] || len(d.Beside) != want || len(d.State.Menu) != want || d.Unanswered != (want > 0) {
			t.Errorf("%d choices: %s %v, %d beside, menu %v", choices, d.Kind, d.Hits, len(d.Beside), d.State.Menu)
		}
		if want > 0 {
			in.Text = n.Normalise("1")
			if next := b.Step(d.State, in); len(next.Hits) == 0 || next.Hits[0].ID() != ids[1] {
				t.Errorf("1 brings %+v, want %s", next.Hits, ids[1])
			}
		}
	}
	// By SMS as many as one message holds.
	long, short := &kb.Entry{ID: "long", Title: strings.Repeat("dài ", 40)}, &kb.Entry{ID: "short", Title: "Ngắn"}
	result := &kb.Result{Verdict: kb.VerdictAnswer, Confidence: .7, Choices: 3, Hits: []kb.Hit{hits[0], {Entry: long}, {Entry: short}}}
	for medium, want := range map[Medium]int{SMS: 1, Chat: 2} {
		in.Medium = medium
		d := b.Answer(Decision{State: State{Greeted: true}}, in, result)
		if len(d.Beside) != want || d.Beside[want-1].ID() != "short" || !d.Unanswered {
			t.Errorf("%v: %d beside, want %d", medium, len(d.Beside), want)
		}
	}
}

// TestNumberWithoutMenu: a number whose menu is gone is no question.
func TestNumberWithoutMenu(t *testing.T) {
	b, n := book(t)
	for text, menu := range map[string]bool{"3": true, "số 2": true, "45": true, "0": true, "112": false, "3 tuổi": false, "điều 3": false} {
		d := b.Step(State{}, Input{Event: Wrote, Medium: SMS, Text: n.Normalise(text), Now: time.Now()})
		if got := d.Search == nil && d.Kind == KindCommand && len(d.State.Menu) > 0; got != menu {
			t.Errorf("%q: menu %v, want %v", text, got, menu)
		}
	}
}

// TestReadMore: behind the advice on an urgent message stands the one entry that surely fits, as a button that takes no
// number away from the question about the case; not for an emergency, not by SMS, not when unsure.
func TestReadMore(t *testing.T) {
	b, n := book(t)
	e, ok := b.content.Entry("school-bullied")
	if !ok {
		t.Fatal("no entry school-bullied")
	}
	sure := kb.Result{Verdict: kb.VerdictAnswer, Confidence: .9, Hits: []kb.Hit{{Entry: e}}}
	unsure, choices := sure, sure
	unsure.Confidence = .6
	choices.Verdict, choices.Choices = kb.VerdictChoices, 1
	for name, tc := range map[string]struct {
		medium Medium
		level  triage.Level
		result *kb.Result
		want   bool
	}{
		"urgent": {Chat, triage.Urgent, &sure, true}, "emergency": {Chat, triage.Emergency, &sure, false},
		"SMS": {SMS, triage.Urgent, &sure, false}, "unsure": {Chat, triage.Urgent, &unsure, false},
		"choices": {Chat, triage.Urgent, &choices, false}, "nothing": {Chat, triage.Urgent, &kb.Result{}, false}, "no search": {Chat, triage.Urgent, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			in := Input{Event: Wrote, Medium: tc.medium, NewCaseID: "c", Text: n.Normalise("mấy anh lớp chín chặn em lấy tiền"), Now: time.Now(),
				Assessment: triage.Assessment{Level: tc.level, Category: "bullying", Subject: triage.Self}, Duty: Duty{Reachable: true, Now: true}}
			d := b.Step(State{}, in)
			question := d.State.Menu
			if d = b.Answer(d, in, tc.result); (len(d.Beside) == 1) != tc.want || len(d.Say) != map[bool]int{true: 3, false: 2}[tc.want] {
				t.Fatalf("%d offered, %d messages, want one offered: %v", len(d.Beside), len(d.Say), tc.want)
			}
			if len(question) == 0 || len(d.State.Menu) != len(question) || !d.Say[0].Urgent {
				t.Errorf("the question about the case has numbers %v, then %v", question, d.State.Menu)
			}
			if !tc.want {
				return
			}
			if o := d.Say[1].Options; len(o) != 1 || len(Numbered(o)) != 0 || !strings.Contains(d.Say[1].Text, "em có thể đọc") {
				t.Errorf("offered as %+v", d.Say[1])
			}
			if next := b.Step(d.State, Input{Event: Pressed, Payload: d.Say[1].Options[0].Payload, Medium: Chat, Now: in.Now}); len(next.Hits) != 1 || next.Hits[0].ID() != e.ID || next.State.Case.ID == "" {
				t.Errorf("the button brings %+v", next)
			}
		})
	}
}
