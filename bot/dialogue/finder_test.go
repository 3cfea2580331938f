package dialogue

import (
	"encoding/json"
	"testing"

	"treem/bot/triage"
	"treem/kb/support"
)

func TestAges(t *testing.T) {
	units := map[string]int{"tuoi": 12, "thang": 1, "t": 12}
	for text, want := range map[string]int{"8": 96, "0": 0, "8 tuoi": 96, "8t": 96, "30 thang": 30, "2 tuoi ruoi": 30, "1 tuoi 6 thang": 18, "99": 1188, "111": -1,
		"120": -1, "999": -1, "1500 thang": -1, "8 con": -1, "duoi 4 tuoi": -1, "tam tuoi": -1, "": -1, "8 tuoi o dau": -1, "-3": -1} {
		got, ok := ageIn(text, units)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q is %d months, want %d", text, got, want)
		}
	}
}

// TestOnlyAnAnswerIsNoAlarm: what triage holds for urgent is set aside only if it is, whole, what the question offers.
func TestOnlyAnAnswerIsNoAlarm(t *testing.T) {
	b, n := book(t)
	alarm := triage.Assessment{Level: triage.Emergency, Category: "emergency", Subject: triage.Unknown}
	age := &Finding{Answers: support.Answers{"situation": "others"}}
	father := &Finding{Answers: support.Answers{"situation": "others", "age": "age6"}}
	for name, c := range map[string]struct {
		finding  *Finding
		text     string
		safeWord string
		alarm    bool
	}{
		"an age":                       {age, "13 tuổi", "", false},
		"a bare age":                   {age, "15", "", false},
		"an impossible age":            {age, "200", "", false},
		"an option in words":           {father, "đang ở tù", "", false},
		"left out":                     {father, "không biết", "", false},
		"an age where none was asked":  {father, "13 tuổi", "", true},
		"more than an age":             {age, "13 tuổi bị đánh", "", true},
		"an option that tells of harm": {&Finding{}, "bị hại", "", true},
		"the safe word":                {age, "15", "15", true},
		"no finder":                    {nil, "13 tuổi", "", true},
	} {
		in := Input{Event: Wrote, Text: n.Normalise(c.text), Medium: SMS, NewCaseID: "c", Assessment: alarm, SafeWord: c.safeWord}
		d := b.Step(State{Greeted: true, Finder: c.finding}, in)
		if got := d.Kind == KindHandover; got != c.alarm {
			t.Errorf("%s: handover %v, want %v: %+v", name, got, c.alarm, d.Say)
		}
		if d.Kind == KindHandover && (d.State.Finder != nil || d.Case == nil) {
			t.Errorf("%s: after an alarm the finder goes on, or there is no case", name)
		}
	}
}

// TestFinderStateHoldsOnlyOptions: nothing a person writes is kept, and what is kept survives the store.
func TestFinderStateHoldsOnlyOptions(t *testing.T) {
	b, n := book(t)
	d := b.Step(State{Greeted: true}, Input{Event: Pressed, Payload: payloadFind + findStart, Medium: Chat})
	d = b.Step(d.State, Input{Event: Wrote, Text: n.Normalise("Ông bà nuôi"), Medium: Chat})
	d = b.Step(d.State, Input{Event: Wrote, Text: n.Normalise("8 tuổi"), Medium: Chat})
	data, err := json.Marshal(d.State.Finder)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"answers":{"age":"age6","situation":"others"}}`; string(data) != want {
		t.Errorf("kept %s, want %s", data, want)
	}
	var back State
	whole, err := json.Marshal(d.State)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(whole, &back); err != nil || back.Finder == nil || back.Finder.Answers["age"] != "age6" {
		t.Errorf("the store gives back %+v, %v", back.Finder, err)
	}
}

// TestFinderInAGroupDoesNotAsk: the answers would be read by all.
func TestFinderInAGroupDoesNotAsk(t *testing.T) {
	b, n := book(t)
	for _, in := range []Input{{Event: Wrote, Text: n.Normalise("tìm trợ giúp")}, {Event: Pressed, Payload: payloadFind + "age=age6"}} {
		in.Medium, in.Group = Chat, true
		d := b.Step(State{Greeted: true}, in)
		if d.State.Finder != nil || len(d.Say) != 1 || len(d.Say[0].Options) > 0 {
			t.Errorf("in a group: %+v", d)
		}
	}
}

// TestFinderButtonsOfThePast: a button of an answered question changes that answer; one that never fits changes nothing.
func TestFinderButtonsOfThePast(t *testing.T) {
	b, _ := book(t)
	s := State{Greeted: true, Finder: &Finding{Answers: support.Answers{"situation": "others", "age": "age6", "father": "dead"}}}
	for payload, want := range map[string]int{"age=age3": 2, "mother=dead": 4, "self=none": 3, "age=wrong": 3, "nonsense": 3, "back": 2, "go": 3, "mother=?": 4} {
		d := b.Step(s, Input{Event: Pressed, Payload: payloadFind + payload, Medium: Chat})
		if d.State.Finder == nil || len(d.State.Finder.Answers) != want || len(d.Say) == 0 {
			t.Errorf("%s: %+v, want %d answers", payload, d.State.Finder, want)
		}
	}
	if len(s.Finder.Answers) != 3 {
		t.Errorf("the former state was changed: %v", s.Finder.Answers)
	}
}
