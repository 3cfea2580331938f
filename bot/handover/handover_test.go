package handover_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"treem/bot/handover"
	"treem/bot/roster"
	"treem/bot/triage"
	"treem/channels/hotline"
)

var start = time.Date(2026, 11, 25, 22, 0, 0, 0, time.UTC)

// shift is a duty of two tiers: the group first, then the group and officer Bình; mail and the head of duty make up
// everybody. Officer An has no address of their own.
type shift struct{ nobody bool }

var (
	group = handover.Recipient{Target: "telegram"}
	mail  = handover.Recipient{Target: "mail"}
	binh  = handover.Recipient{Target: "telegram", To: "5", Officer: "binh"}
	ward  = handover.Recipient{Target: "sms", To: "ward", Officer: "ward"}
)

func (s shift) Tell(commune string, _ time.Time, tier int) []handover.Recipient {
	switch {
	case s.nobody:
		return nil
	case tier == 0 && commune == "quy-nhon":
		return []handover.Recipient{group, ward}
	case tier == 0:
		return []handover.Recipient{group}
	default:
		return []handover.Recipient{group, binh}
	}
}
func (shift) LastTier(string) int            { return 1 }
func (shift) Everyone() []handover.Recipient { return []handover.Recipient{group, mail, binh} }
func (shift) Reach(officer string) (handover.Recipient, bool) {
	return binh, officer == "binh"
}
func (shift) Next(_ string, at time.Time) time.Time { return at }

func planner() handover.Planner {
	return handover.Planner{Settings: handover.DefaultSettings(), Duty: shift{}}
}

func found(l triage.Level, category string) triage.Assessment {
	return triage.Assessment{Level: l, Category: category, Reasons: []string{"sign"}, Subject: triage.Self, Rules: "r1"}
}

func open(l triage.Level) handover.Case {
	return planner().Open(handover.Identity{ID: "id", Ref: "K7F3Q"}, handover.Change{Action: handover.ActionOpen, Message: 1, Assessment: found(l, "bullying"),
		Conversation: 9, Channel: "telegram", At: start}).Case
}

// told writes the notices of a plan as "kind/text>target[:officer]".
func told(p handover.Plan) string {
	var all []string
	for _, n := range p.Notices {
		line := string(n.Kind)
		if n.Text != "" {
			line += "/" + n.Text
		}
		line += ">" + n.To.Target
		if n.To.Officer != "" {
			line += ":" + n.To.Officer
		}
		if n.Words != "" {
			line += "(" + n.Words + ")"
		}
		all = append(all, line)
	}
	return strings.Join(all, " ")
}

func said(p handover.Plan) string {
	var all []string
	for _, s := range p.Say {
		all = append(all, strings.TrimSuffix(s.Text+":"+s.Words, ":"))
	}
	return strings.Join(all, " ")
}

func TestOpenTellsTheFirstTierAndSetsTheDeadline(t *testing.T) {
	for level, wait := range map[triage.Level]time.Duration{triage.Emergency: 3 * time.Minute, triage.Urgent: 30 * time.Minute} {
		p := planner().Open(handover.Identity{ID: "id", Ref: "K7F3Q"}, handover.Change{Action: handover.ActionOpen, Message: 1,
			Assessment: found(level, "bullying"), Advice: "bullying", Revision: "a1", Conversation: 9, Channel: "web", At: start})
		c := p.Case
		if c.Status != handover.Open || c.ID != "id" || c.Ref != "K7F3Q" || c.Conversation != 9 || c.Channel != "web" || c.Version != 1 || c.Human != nil {
			t.Errorf("%s: case %+v", level, c)
		}
		if got := c.AckDue.Sub(start); got != wait {
			t.Errorf("%s: due after %s, want %s", level, got, wait)
		}
		if got := told(p); got != "opened>telegram" {
			t.Errorf("%s: told %s", level, got)
		}
		if len(c.Advice) != 1 || c.Advice[0].Revision != "a1" || len(p.Events) != 1 || p.Events[0].Reasons[0] != "sign" {
			t.Errorf("%s: advice %v, events %v", level, c.Advice, p.Events)
		}
	}
}

func TestNobodyOnDutyTellsEverybody(t *testing.T) {
	pl := planner()
	pl.Duty = shift{nobody: true}
	p := pl.Open(handover.Identity{}, handover.Change{Assessment: found(triage.Urgent, "bullying"), At: start})
	if got := told(p); got != "opened>telegram opened>mail opened>telegram:binh" {
		t.Errorf("told %s", got)
	}
}

// TestChanges takes every message of the person through a case nobody has and through one that officer Bình, or An, has.
func TestChanges(t *testing.T) {
	free := open(triage.Urgent)
	held := claimed(t, free, "binh")
	far := claimed(t, free, "an")
	for name, c := range map[string]struct {
		of     handover.Case
		change handover.Change
		after  time.Duration
		told   string
		status handover.Status
		due    time.Duration // from the start; 0: nothing is due
	}{
		"again at once":      {free, handover.Change{Action: handover.ActionAdd, Words: "x"}, time.Minute, "", handover.Open, 30 * time.Minute},
		"again later":        {free, handover.Change{Action: handover.ActionAdd, Words: "x"}, 11 * time.Minute, "raised/again>telegram", handover.Open, 30 * time.Minute},
		"again, clock back":  {free, handover.Change{Action: handover.ActionAdd, Words: "x"}, -time.Hour, "raised/again>telegram", handover.Open, 30 * time.Minute},
		"raised":             {free, handover.Change{Action: handover.ActionRaise, Assessment: found(triage.Emergency, "violence_now")}, time.Minute, "raised>telegram", handover.Open, 4 * time.Minute},
		"raised, due sooner": {free, handover.Change{Action: handover.ActionRaise, Assessment: found(triage.Emergency, "violence_now")}, 29 * time.Minute, "raised>telegram", handover.Open, 30 * time.Minute},
		"not raised":         {free, handover.Change{Action: handover.ActionRaise, Assessment: found(triage.Urgent, "runaway")}, time.Minute, "", handover.Open, 30 * time.Minute},
		"withdrawn":          {free, handover.Change{Action: handover.ActionWithdraw}, time.Minute, "withdrawn>telegram", handover.Withdrawn, 0},
		"safe":               {free, handover.Change{Action: handover.ActionAnswer, Question: "safe", Answer: "yes"}, time.Minute, "", handover.Open, 30 * time.Minute},
		"not safe":           {free, handover.Change{Action: handover.ActionAnswer, Question: "safe", Answer: "no"}, time.Minute, "raised/unsafe>telegram", handover.Open, 30 * time.Minute},
		"commune":            {free, handover.Change{Action: handover.ActionAnswer, Question: "commune", Answer: "quy-nhon"}, time.Minute, "opened>sms:ward", handover.Open, 30 * time.Minute},
		"raised as not safe": {free, handover.Change{Action: handover.ActionRaise, Question: "safe", Answer: "no", Assessment: found(triage.Emergency, "bullying")}, time.Minute, "raised/unsafe>telegram", handover.Open, 4 * time.Minute},
		"commune skipped":    {free, handover.Change{Action: handover.ActionAnswer, Question: "commune", Answer: "skipped"}, time.Minute, "", handover.Open, 30 * time.Minute},

		"held: relayed":   {held, handover.Change{Action: handover.ActionRelay, Words: "chị ơi"}, time.Hour, "message>telegram:binh(chị ơi)", handover.Claimed, 121 * time.Minute},
		"held: added":     {held, handover.Change{Action: handover.ActionAdd, Words: "chị ơi"}, time.Hour, "message>telegram:binh(chị ơi)", handover.Claimed, 121 * time.Minute},
		"held: raised":    {held, handover.Change{Action: handover.ActionRaise, Words: "chị ơi", Assessment: found(triage.Emergency, "violence_now")}, time.Hour, "raised>telegram message>telegram:binh(chị ơi)", handover.Claimed, 72 * time.Minute},
		"held: not safe":  {held, handover.Change{Action: handover.ActionAnswer, Question: "safe", Answer: "no"}, time.Hour, "raised/unsafe>telegram raised/unsafe>telegram:binh", handover.Claimed, 121 * time.Minute},
		"held: withdrawn": {held, handover.Change{Action: handover.ActionWithdraw}, time.Hour, "withdrawn>telegram withdrawn>telegram:binh", handover.Withdrawn, 0},
		// Nobody else may read the words, so they do not go to the group.
		"unreachable officer": {far, handover.Change{Action: handover.ActionRelay, Words: "chị ơi"}, time.Hour, "message/unread>telegram", handover.Claimed, 121 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			c.change.Message, c.change.At = 2, start.Add(c.after)
			before := fmt.Sprintf("%+v", c.of)
			p, err := planner().Change(c.of, c.change)
			if err != nil {
				t.Fatal(err)
			}
			if got := told(p); got != c.told {
				t.Errorf("told %q, want %q", got, c.told)
			}
			due := time.Duration(0)
			if !p.Case.AckDue.IsZero() {
				due = p.Case.AckDue.Sub(start)
			}
			if p.Case.Status != c.status || due != c.due {
				t.Errorf("status %s due %s, want %s and %s", p.Case.Status, due, c.status, c.due)
			}
			if p.Case.Version != c.of.Version+1 || len(p.Events) != 1 || p.Events[0].Message != 2 || p.Events[0].Actor != handover.Person {
				t.Errorf("version %d, events %+v", p.Case.Version, p.Events)
			}
			if fmt.Sprintf("%+v", c.of) != before {
				t.Error("the case given was changed")
			}
		})
	}
}

func TestBlockIsToldOnce(t *testing.T) {
	p, told1 := planner().Block(claimed(t, open(triage.Urgent), "binh"), start)
	if !told1 || told(p) != "raised/blocked>telegram:binh" {
		t.Errorf("told %q", told(p))
	}
	if _, again := planner().Block(p.Case, start); again {
		t.Error("told twice")
	}
	back, err := planner().Change(p.Case, handover.Change{Action: handover.ActionRelay, Words: "em đây", At: start})
	if err != nil || back.Case.Blocked {
		t.Errorf("still unreachable after writing: %v", err)
	}
}

func TestWrongChangesAreRefused(t *testing.T) {
	over := open(triage.Urgent)
	over.Status = handover.Closed
	if _, err := planner().Change(over, handover.Change{Action: handover.ActionAdd, At: start}); !errors.Is(err, handover.ErrNotLive) {
		t.Errorf("a closed case took a message: %v", err)
	}
	for _, ch := range []handover.Change{{Action: handover.ActClaim}, {Action: handover.ActionAnswer, Question: "colour"}, {}} {
		if _, err := planner().Change(open(triage.Urgent), ch); err == nil {
			t.Errorf("%+v was taken", ch)
		}
	}
}

func TestMachineAndHumanLevelsStayApart(t *testing.T) {
	c := act(t, open(triage.Urgent), handover.Act{Do: handover.ActGrade, Officer: "an", Level: triage.None}).Case
	if c.Level() != triage.None || c.Machine.Level != triage.Urgent || c.Human.By != "an" || c.Human.Category != "bullying" {
		t.Errorf("after grading: %+v, human %+v", c, c.Human)
	}
	p, err := planner().Change(c, handover.Change{Action: handover.ActionRaise, Assessment: found(triage.Emergency, "violence_now"), At: start})
	if err != nil || p.Case.Machine.Level != triage.Emergency || p.Case.Human.Level != triage.None || p.Case.Level() != triage.None {
		t.Errorf("after the machine raised it: %+v, %v", p.Case, err)
	}
	emergency := act(t, open(triage.Urgent), handover.Act{Do: handover.ActGrade, Officer: "an", Level: triage.Emergency, At: start}).Case
	if emergency.AckDue.Sub(start) != 3*time.Minute {
		t.Errorf("graded an emergency but due at %s", emergency.AckDue)
	}
}

func act(t *testing.T, c handover.Case, a handover.Act) handover.Plan {
	t.Helper()
	if a.At.IsZero() {
		a.At = start.Add(time.Minute)
	}
	p, err := planner().Act(c, a)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func claimed(t *testing.T, c handover.Case, officer string) handover.Case {
	t.Helper()
	return act(t, c, handover.Act{Do: handover.ActClaim, Officer: officer, Words: "lời kể"}).Case
}

// TestActs takes every act through a case nobody has, one that Bình has, one the person withdrew and one that is closed;
// the officer who acts is Bình unless it says otherwise.
func TestActs(t *testing.T) {
	free := open(triage.Emergency)
	held := claimed(t, free, "binh")
	quiet := free
	quiet.Consent.MayContact = handover.No
	quietly := claimed(t, quiet, "binh")
	gone, err := planner().Change(free, handover.Change{Action: handover.ActionWithdraw, At: start})
	if err != nil {
		t.Fatal(err)
	}
	closed := act(t, held, handover.Act{Do: handover.ActClose, Officer: "binh", Outcome: "helped"}).Case
	for name, c := range map[string]struct {
		of     handover.Case
		act    handover.Act
		why    string // the refusal; then nothing below counts
		status handover.Status
		owner  string
		held   bool
		told   string
		said   string
	}{
		"claim":                  {of: free, act: handover.Act{Do: "claim", Words: "lời kể"}, status: "claimed", owner: "binh", held: true, told: "claimed>telegram message/words>telegram:binh(lời kể)", said: "taken"},
		"claim, unreachable":     {of: free, act: handover.Act{Do: "claim", Officer: "an", Words: "lời kể"}, status: "claimed", owner: "an", held: true, told: "claimed>telegram message/unread>telegram", said: "taken"},
		"claim twice":            {of: held, act: handover.Act{Do: "claim"}, status: "claimed", owner: "binh", held: true},
		"claim, taken":           {of: held, act: handover.Act{Do: "claim", Officer: "an"}, why: handover.Taken},
		"claim, no contact":      {of: quiet, act: handover.Act{Do: "claim", Words: "lời kể"}, status: "claimed", owner: "binh", told: "claimed>telegram message/words>telegram:binh(lời kể)"},
		"claim, withdrawn":       {of: gone.Case, act: handover.Act{Do: "claim", Words: "lời kể"}, status: "withdrawn", owner: "binh", told: "claimed>telegram message/words>telegram:binh(lời kể)"},
		"claim, closed":          {of: closed, act: handover.Act{Do: "claim", Officer: "an"}, why: handover.Over},
		"claim by nobody":        {of: free, act: handover.Act{Do: "claim", Officer: "-"}, why: handover.Incomplete},
		"reply":                  {of: held, act: handover.Act{Do: "reply", Text: "chào em"}, status: "claimed", owner: "binh", held: true, said: "reply:chào em"},
		"reply claims":           {of: free, act: handover.Act{Do: "reply", Text: "chào em", Words: "lời kể"}, status: "claimed", owner: "binh", held: true, told: "claimed>telegram message/words>telegram:binh(lời kể)", said: "reply:chào em"},
		"reply, no contact":      {of: quietly, act: handover.Act{Do: "reply", Text: "chào em"}, status: "claimed", owner: "binh", held: true, said: "reply:chào em"},
		"reply, withdrawn":       {of: gone.Case, act: handover.Act{Do: "reply", Text: "chào em"}, status: "claimed", owner: "binh", held: true, told: "claimed>telegram message/words>telegram:binh", said: "reply:chào em"},
		"reply, not theirs":      {of: held, act: handover.Act{Do: "reply", Officer: "an", Text: "chào em"}, why: handover.Taken},
		"reply without text":     {of: held, act: handover.Act{Do: "reply"}, why: handover.Incomplete},
		"reply, closed":          {of: closed, act: handover.Act{Do: "reply", Text: "chào em"}, why: handover.Over},
		"release":                {of: held, act: handover.Act{Do: "release"}, status: "open", told: "raised/released>telegram", said: "released"},
		"release, quiet":         {of: quietly, act: handover.Act{Do: "release"}, status: "open", told: "raised/released>telegram"},
		"release, not theirs":    {of: held, act: handover.Act{Do: "release", Officer: "an"}, why: handover.NotYours},
		"release, free":          {of: free, act: handover.Act{Do: "release"}, why: handover.ClaimFirst},
		"escalate":               {of: held, act: handover.Act{Do: "escalate"}, status: "open", told: "raised/escalated>telegram raised/escalated>telegram:binh", said: "escalated"},
		"escalate, free":         {of: free, act: handover.Act{Do: "escalate"}, status: "open", told: "raised/escalated>telegram raised/escalated>telegram:binh"},
		"escalate, not theirs":   {of: held, act: handover.Act{Do: "escalate", Officer: "an"}, why: handover.NotYours},
		"escalate, withdrawn":    {of: gone.Case, act: handover.Act{Do: "escalate"}, why: handover.ClaimFirst},
		"refer":                  {of: held, act: handover.Act{Do: "refer", To: "111"}, status: "referred", owner: "binh", held: true, told: "claimed/referred>telegram", said: "referred:111"},
		"refer, free":            {of: free, act: handover.Act{Do: "refer", To: "commune"}, status: "referred", owner: "binh", told: "claimed/referred>telegram", said: "referred:commune"},
		"refer, no contact":      {of: quiet, act: handover.Act{Do: "refer", To: "113"}, status: "referred", owner: "binh", told: "claimed/referred>telegram"},
		"refer to nobody":        {of: held, act: handover.Act{Do: "refer", To: "mars"}, why: handover.Incomplete},
		"note":                   {of: held, act: handover.Act{Do: "note", Officer: "an", Text: "đã gọi"}, status: "claimed", owner: "binh", held: true},
		"note, closed":           {of: closed, act: handover.Act{Do: "note", Text: "xong"}, status: "closed", owner: "binh"},
		"note without text":      {of: held, act: handover.Act{Do: "note"}, why: handover.Incomplete},
		"call":                   {of: quietly, act: handover.Act{Do: "call"}, status: "claimed", owner: "binh"},
		"call, free":             {of: free, act: handover.Act{Do: "call"}, why: handover.ClaimFirst},
		"call, not theirs":       {of: held, act: handover.Act{Do: "call", Officer: "an"}, why: handover.NotYours},
		"call, closed":           {of: closed, act: handover.Act{Do: "call"}, why: handover.Over},
		"grade wrongly":          {of: held, act: handover.Act{Do: "grade", Level: "bad"}, why: handover.Incomplete},
		"grade, not theirs":      {of: held, act: handover.Act{Do: "grade", Officer: "an", Level: "none"}, why: handover.NotYours},
		"close":                  {of: held, act: handover.Act{Do: "close", Outcome: "helped"}, status: "closed", owner: "binh", told: "closed>telegram", said: "closed"},
		"close, free":            {of: free, act: handover.Act{Do: "close", Outcome: "duplicate"}, status: "closed", owner: "binh", told: "closed>telegram"},
		"close, unknown outcome": {of: held, act: handover.Act{Do: "close", Outcome: "bored"}, why: handover.Incomplete},
		"close, not theirs":      {of: held, act: handover.Act{Do: "close", Officer: "an", Outcome: "helped"}, why: handover.NotYours},
		"close, closed":          {of: closed, act: handover.Act{Do: "close", Outcome: "helped"}, why: handover.Over},
		"wrong alarm":            {of: held, act: handover.Act{Do: "wrong"}, status: "closed", owner: "binh", told: "closed>telegram", said: "closed"},
		"read":                   {of: held, act: handover.Act{Do: "read", Words: "lời kể"}, status: "claimed", owner: "binh", held: true, told: "message/words>telegram:binh(lời kể)"},
		"read, closed":           {of: closed, act: handover.Act{Do: "read", Words: "lời kể"}, status: "closed", owner: "binh", told: "message/words>telegram:binh(lời kể)"},
		"read, free":             {of: free, act: handover.Act{Do: "read"}, why: handover.ClaimFirst},
		"read, not theirs":       {of: held, act: handover.Act{Do: "read", Officer: "an"}, why: handover.NotYours},
		"dance":                  {of: held, act: handover.Act{Do: "dance"}, why: handover.Incomplete},
	} {
		t.Run(name, func(t *testing.T) {
			switch c.act.Officer {
			case "":
				c.act.Officer = "binh"
			case "-":
				c.act.Officer = ""
			}
			c.act.At = start.Add(2 * time.Minute)
			p, err := planner().Act(c.of, c.act)
			var no *handover.Refusal
			if errors.As(err, &no); (no != nil) != (c.why != "") || no != nil && no.Why != c.why {
				t.Fatalf("refusal %v, want %q", err, c.why)
			}
			if no != nil {
				if no.Owner != c.of.Owner {
					t.Errorf("the refusal names %q", no.Owner)
				}
				return
			}
			n := p.Case
			if n.Status != c.status || n.Owner != c.owner || n.Held != c.held {
				t.Errorf("case is %s, owner %q, held %t", n.Status, n.Owner, n.Held)
			}
			if told(p) != c.told || said(p) != c.said {
				t.Errorf("told %q, said %q", told(p), said(p))
			}
			idle := n.Status == handover.Claimed && (c.act.Do == handover.ActClaim || c.act.Do == handover.ActRead || n.Owner != c.act.Officer)
			if waits := n.Status == handover.Open || idle; waits == n.AckDue.IsZero() {
				t.Errorf("a case that is %s is due at %s", n.Status, n.AckDue)
			}
			if len(p.Events) == 0 != (name == "claim twice") {
				t.Errorf("history %+v", p.Events)
			}
			for _, s := range p.Say {
				if s.Words == "lời kể" {
					t.Error("the person was sent their own words")
				}
			}
		})
	}
}

func TestWrongAlarmKeepsTheMachinesJudgement(t *testing.T) {
	c := act(t, claimed(t, open(triage.Emergency), "binh"), handover.Act{Do: handover.ActWrong, Officer: "binh"}).Case
	if c.Outcome != "wrong-alarm" || c.Human.Level != triage.None || c.Machine.Level != triage.Emergency {
		t.Errorf("case %+v, human %+v", c, c.Human)
	}
}

// TestEscalation lets an emergency wait without anybody taking it.
func TestEscalation(t *testing.T) {
	c, at := open(triage.Emergency), start
	for i, step := range []struct {
		after   time.Duration
		told    string
		unheard bool
	}{
		{3*time.Minute - time.Second, "", false},
		{time.Second, "overdue>telegram overdue>telegram:binh", false},
		{3*time.Minute - time.Second, "", false},
		{time.Second, "overdue>telegram overdue>mail overdue>telegram:binh", false},
		{3 * time.Minute, "", false},
		{12 * time.Minute, "standing>telegram standing>mail standing>telegram:binh", true},
		{14 * time.Minute, "", true},
		{5 * time.Hour, "standing>telegram standing>mail standing>telegram:binh", true}, // the clock jumped: once only
		{time.Second, "", true},
	} {
		at = at.Add(step.after)
		p, due := planner().Overdue(c, at)
		if due != (step.told != "") || told(p) != step.told {
			t.Fatalf("step %d: told %q, want %q", i, told(p), step.told)
		}
		if due {
			c = p.Case
			if !c.AckDue.After(at) || p.Events[0].Action != handover.ActionOverdue {
				t.Errorf("step %d: next due %s, events %+v", i, c.AckDue, p.Events)
			}
		}
		if got := planner().Unheard(&c); got != step.unheard {
			t.Errorf("step %d: unheard %t", i, got)
		}
	}
	got := slices.Clone(c.Told)
	if !reflect.DeepEqual(got, []handover.Recipient{group, binh, mail}) {
		t.Errorf("told in all: %v", got)
	}
}

func TestClockPutBackKeepsTheDeadline(t *testing.T) {
	c := open(triage.Emergency)
	back := start.Add(-2 * time.Hour)
	p, changed := planner().Overdue(c, back)
	if !changed || p.Case.AckDue.Sub(back) != 3*time.Minute || len(p.Notices) > 0 {
		t.Fatalf("after the clock went back two hours: %t, due %s, told %q", changed, p.Case.AckDue, told(p))
	}
	if p, due := planner().Overdue(p.Case, back.Add(3*time.Minute)); !due || told(p) == "" {
		t.Error("the case was not escalated in its time by the new clock")
	}
}

// TestIdleClaim: an officer takes a case and does nothing with it: it goes back to all, and the bot speaks again.
func TestIdleClaim(t *testing.T) {
	held := claimed(t, open(triage.Emergency), "binh")
	at := held.UpdatedAt.Add(12 * time.Minute)
	if _, due := planner().Overdue(held, at.Add(-time.Second)); due {
		t.Error("the case was taken away too soon")
	}
	p, due := planner().Overdue(held, at)
	if n := p.Case; !due || n.Owner != "" || n.Held || n.Status != handover.Open || n.Tier != held.Tier+1 || n.AckDue.Sub(at) != 3*time.Minute ||
		said(p) == "" || told(p) == "" {
		t.Errorf("after twelve minutes: %t, %+v, told %q, said %q", due, n, told(p), said(p))
	}
	worse, err := planner().Change(act(t, held, handover.Act{Do: handover.ActReply, Text: "chị đây", Officer: "binh"}).Case,
		handover.Change{Action: handover.ActionRelay, Words: "cứu con", Assessment: found(triage.Emergency, "violence_now"), At: at, Message: 3})
	if err != nil {
		t.Fatal(err)
	}
	if _, due := planner().Overdue(worse.Case, at.Add(12*time.Minute)); !due {
		t.Error("nobody looks at a case that grew worse in an officer's hands")
	}
}

func TestOnlyOpenCasesBecomeOverdue(t *testing.T) {
	late := start.Add(24 * time.Hour)
	held := claimed(t, open(triage.Emergency), "binh")
	for name, c := range map[string]handover.Case{
		"answered": act(t, held, handover.Act{Do: handover.ActReply, Text: "chị đây", Officer: "binh"}).Case,
		"referred": act(t, held, handover.Act{Do: handover.ActRefer, To: "111", Officer: "binh"}).Case,
		"closed":   act(t, held, handover.Act{Do: handover.ActWrong, Officer: "binh"}).Case,
	} {
		if _, due := planner().Overdue(c, late); due {
			t.Errorf("a case that is %s was escalated", name)
		}
	}
	back := act(t, held, handover.Act{Do: handover.ActRelease, Officer: "binh", At: late}).Case
	if _, due := planner().Overdue(back, late.Add(3*time.Minute)); !due {
		t.Error("a case given back was never escalated")
	}
}

func TestIdentity(t *testing.T) {
	seen := map[string]bool{}
	for i := range 200 {
		id := handover.NewIdentity([32]byte{byte(i), 6: 0xff, 8: 0xff, 17: byte(i), 25: byte(7 * i)})
		if len(id.ID) != 36 || id.ID[14] != '4' || !strings.ContainsRune("89ab", rune(id.ID[19])) {
			t.Fatalf("%q is no UUID of version 4", id.ID)
		}
		if len(id.Ref) != 5 || strings.ContainsAny(id.Ref, "01OILSB58UVAE") {
			t.Fatalf("reference %q", id.Ref)
		}
		seen[id.ID] = true
	}
	if len(seen) != 200 {
		t.Errorf("%d identities of 200 are different", len(seen))
	}
}

func TestPublicCaseNamesNobody(t *testing.T) {
	c := claimed(t, open(triage.Urgent), "binh")
	c.Consent = handover.Consent{MayContact: handover.Skipped, SafeNow: handover.No, Commune: "quy-nhon"}
	p := c.Public("Violence: Bullying")
	want := hotline.Case{ID: "id", Ref: "K7F3Q", Status: "claimed", Level: "urgent", Category: "bullying", CHI: "Violence: Bullying", Subject: "self",
		Channel: "telegram", Commune: "quy-nhon", MayContact: "unknown", Shared: "unknown", SafeNow: "no", OpenedAt: start}
	if p != want {
		t.Errorf("public case %+v", p)
	}
}

func TestAlways(t *testing.T) {
	a := handover.Always{Targets: []string{"telegram", "mail"}, Chat: "telegram"}
	if got := a.Tell("", start, 0); len(got) != 2 || got[1].Target != "mail" || a.LastTier("") != 0 || !a.Next("", start).Equal(start) {
		t.Errorf("told %v", got)
	}
	for officer, to := range map[string]string{"telegram:55": "55", "telegram:": "", "an": "", "": "", "mail:55": "", "telegram:-1001": ""} {
		if r, ok := a.Reach(officer); ok != (to != "") || r.To != to {
			t.Errorf("%q is reached at %+v", officer, r)
		}
	}
	if _, ok := (handover.Always{}).Reach(":5"); ok {
		t.Error("an officer is reached without a duty group")
	}
}

func TestShifts(t *testing.T) {
	r, err := roster.Parse([]byte(`
officers:
  - {id: lan, name: Lan, telegram: "11", sms: "+84900000001"}
  - {id: hai, name: Hải, email: hai@example.vn}
tiers:
  - {name: Trực, shifts: [{from: "07:00", to: "17:00", officers: [lan]}]}
  - {name: Lãnh đạo, shifts: [{officers: [hai]}]}
`), func(string) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	s := handover.Shifts{Roster: r, Always: handover.Always{Targets: []string{"telegram"}, Chat: "telegram"}, SMS: "sms", Mail: "mail"}
	group := handover.Recipient{Target: "telegram"}
	lan := []handover.Recipient{{Target: "telegram", To: "11", Officer: "lan"}, {Target: "sms", To: "+84900000001", Officer: "lan"}}
	hai := handover.Recipient{Target: "mail", To: "hai@example.vn", Officer: "hai"}
	day, night := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC), time.Date(2026, 11, 25, 15, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct{ got, want []handover.Recipient }{
		"day":      {s.Tell("", day, 0), append([]handover.Recipient{group}, lan...)},
		"night":    {s.Tell("", night, 0), []handover.Recipient{group}},
		"tier 1":   {s.Tell("", night, 1), []handover.Recipient{group, hai}},
		"everyone": {s.Everyone(), append(append([]handover.Recipient{group}, lan...), hai)},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: told %v, want %v", name, c.got, c.want)
		}
	}
	if got, ok := s.Reach("lan"); !ok || got != lan[0] {
		t.Errorf("Lan is reached at %v", got)
	}
	if _, ok := s.Reach("hai"); ok {
		t.Error("a person's words would go to Hải by e-mail")
	}
	if next := s.Next("", night); next.Sub(night) != 9*time.Hour || s.LastTier("") != 1 {
		t.Errorf("next on duty at %s, last tier %d", next, s.LastTier(""))
	}
}
