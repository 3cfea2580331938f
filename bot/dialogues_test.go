package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"treem/bot"
	"treem/bot/dialogue"
	"treem/bot/triage"
	"treem/channels"
	"treem/channels/sms"
	"treem/kb"
	"treem/kb/content"
	"treem/kb/vitext"
)

// opened is the real content, index, triage and phrases, read once for all tests.
var opened = sync.OnceValues(func() (*bot.Responder, error) {
	text, err := vitext.New()
	if err != nil {
		return nil, err
	}
	c, err := kb.Load(content.FS)
	if err != nil {
		return nil, err
	}
	book, err := dialogue.ReadBook(content.FS, c)
	if err != nil {
		return nil, err
	}
	index, err := kb.NewIndex(context.Background(), c, text)
	if err != nil {
		return nil, err
	}
	assessor, err := triage.New()
	if err != nil {
		return nil, err
	}
	return &bot.Responder{Text: text, Triage: assessor, Book: book, Search: index, Log: slog.New(slog.DiscardHandler)}, nil
})

// newResponder returns a responder of the test's own on what was opened.
func newResponder(t testing.TB) *bot.Responder {
	t.Helper()
	r, err := opened()
	if err != nil {
		t.Fatal(err)
	}
	own := *r
	return &own
}

// TestDialogues plays the conversations of testdata/dialogues. Each file reads as one:
//
//	medium: sms          chat (the default), text or sms; begins another conversation
//	duty: now            nobody (the default), now or later: what is known of the people on duty
//	safe word: sen       the configured safe word
//	held                 an officer takes the case
//	group                the conversation is a group's
//	> what the person writes; ">> payload" presses a button, ">~ words" changes an earlier message
//	< words that must stand in the replies to it
//	1< words that must stand in the first line of the first reply
//	! words that must not
//	= kind               the decision's kind; "= case emergency drowning" / "= no case" what becomes of the case
//	= silent             nothing is said
//	= level urgent       triage's level
//	= first in one segment
func TestDialogues(t *testing.T) {
	files, err := filepath.Glob("testdata/dialogues/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no dialogues: %v", err)
	}
	categories, err := filepath.Glob("testdata/dialogues/categories/*.txt")
	if err != nil || len(categories) == 0 {
		t.Fatalf("no dialogues by category: %v", err)
	}
	files = append(files, categories...)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p := &play{t: t, r: newResponder(t), medium: dialogue.Chat}
			for n, line := range strings.Split(string(data), "\n") {
				p.where = fmt.Sprintf("%s:%d", file, n+1)
				p.line(line)
			}
		})
	}
}

// play is one conversation under way.
type play struct {
	t        *testing.T
	r        *bot.Responder
	where    string
	medium   dialogue.Medium
	group    bool
	state    dialogue.State
	last     dialogue.Decision
	assessed triage.Assessment
	said     string
	turns    int
}

func (p *play) line(line string) {
	mark, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch mark {
	case "", "#":
	case "medium:":
		p.medium, p.group, p.state = dialogue.Medium(rest), false, dialogue.State{}
	case "group":
		p.group = true
	case "duty:":
		duty, known := map[string]dialogue.Duty{
			"nobody": {},
			"now":    {Reachable: true, Now: true},
			"later":  {Reachable: true, From: time.Date(2026, 11, 25, 7, 0, 0, 0, time.UTC)},
		}[rest]
		if !known {
			p.t.Fatalf("%s: duty is nobody, now or later", p.where)
		}
		p.r.Duty = func(time.Time) dialogue.Duty { return duty }
	case "safe":
		p.r.SafeWord = strings.TrimSpace(strings.TrimPrefix(rest, "word:"))
	case "held":
		if p.state.Case.ID == "" {
			p.t.Fatalf("%s: there is no case to take", p.where)
		}
		p.state.Case.Held = true
	case ">":
		p.turn(channels.Inbound{Kind: channels.KindText, Text: rest})
	case ">>":
		p.turn(channels.Inbound{Kind: channels.KindChoice, Payload: rest})
	case ">~":
		p.turn(channels.Inbound{Kind: channels.KindEdited, Text: rest})
	case "<":
		if !strings.Contains(p.said, rest) {
			p.t.Errorf("%s: the reply lacks %q:\n%s", p.where, rest, p.said)
		}
	case "1<":
		if first, _, _ := strings.Cut(p.said, "\n"); !strings.Contains(first, rest) {
			p.t.Errorf("%s: the first line lacks %q: %s", p.where, rest, first)
		}
	case "!":
		if strings.Contains(p.said, rest) {
			p.t.Errorf("%s: the reply holds %q:\n%s", p.where, rest, p.said)
		}
	case "=":
		p.expect(rest)
	default:
		p.t.Fatalf("%s: a line begins with one of > >> < ! = #, not %q", p.where, mark)
	}
}

func (p *play) turn(in channels.Inbound) {
	p.turns++
	in.Group = p.group
	p.last, p.assessed = p.r.Respond(p.t.Context(), p.state, in, p.medium, fmt.Sprint("case-", p.turns), time.Date(2026, 11, 24, 8, p.turns, 0, 0, time.UTC))
	p.state = p.last.State
	var all []string
	for _, u := range p.last.Say {
		out := bot.Render(u, p.medium)
		all = append(all, out.Text)
		for _, row := range out.Buttons {
			for _, b := range row {
				all = append(all, "["+b.Label+"]")
			}
		}
	}
	p.said = strings.Join(all, "\n")
}

func (p *play) expect(what string) {
	got := string(p.last.Kind)
	switch {
	case what == "silent":
		if len(p.last.Say) > 0 {
			p.t.Errorf("%s: said although it should be silent:\n%s", p.where, p.said)
		}
		return
	case what == "first in one segment":
		if encoding, n := sms.Measure(bot.Render(p.last.Say[0], p.medium).Text); encoding != sms.GSM7 || n != 1 {
			p.t.Errorf("%s: the first SMS takes %d segments of %s", p.where, n, encoding)
		}
		return
	case strings.HasPrefix(what, "level "):
		got = "level " + string(p.assessed.Level)
	case what == "no case":
		got = what
		if p.last.Case != nil {
			got = fmt.Sprintf("case %+v", *p.last.Case)
		}
	case strings.HasPrefix(what, "case "):
		got = "no case"
		if c := p.last.Case; c != nil && c.Action == dialogue.CaseWithdraw {
			got = "case withdrawn"
		} else if c != nil && c.Action == dialogue.CaseAnswer {
			got = fmt.Sprintf("case answer %s %s", c.Question, c.Answer)
		} else if c != nil && c.Action == dialogue.CaseRelay {
			got = "case relay"
		} else if c != nil {
			got = fmt.Sprintf("case %s %s", c.Assessment.Level, c.Assessment.Category)
		}
	case strings.HasPrefix(what, "entry "):
		got = "entry"
		if len(p.last.Hits) > 0 {
			got = "entry " + p.last.Hits[0].ID()
		}
	}
	if got != what {
		p.t.Errorf("%s: %s, want %s:\n%s", p.where, got, what, p.said)
	}
}
